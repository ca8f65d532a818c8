#pragma once

#include <string>

#include "georgia/nn/graph.h"
#include "georgia/nn/network_spec.h"

namespace georgia {

/// A family of networks: the trunk turns the input into planes, the classifier turns these into
/// logits. Both add nodes to a graph; depth tells members of a family apart.
struct Family {
    NodeId (*trunk)(Graph& graph, const NetworkSpec& spec, int depth);
    void (*classifier)(Graph& graph, NodeId trunk, const NetworkSpec& spec);
};

extern const Family kResnet;       // "Deep residual learning", CVPR 2016
extern const Family kKerasResnet;  // the same as Keras has it
extern const Family kVgg;          // "Very deep convolutional networks", ICLR 2015
extern const Family kVggBn;        // with batch normalisation
extern const Family kAlexnet;      // "One weird trick", arXiv 1404.5997
extern const Family kInception;    // "Rethinking the Inception architecture", CVPR 2016
extern const Family kSqueezenet;   // "SqueezeNet", arXiv 1602.07360
extern const Family kConvnext;     // "A ConvNet for the 2020s", CVPR 2022
extern const Family kSmallCnn;     // three blocks, for small images and quick trials
extern const Family kLogistic;     // one weight for each value of the input and each class

}  // namespace georgia
