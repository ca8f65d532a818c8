#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "georgia/base/options.h"

namespace georgia {

/// How planes become rows before a head; "own" is the network's own classifier.
enum class HeadPool { kOwn, kAverage, kAverageMax };
template <>
struct EnumNames<HeadPool> {
    static constexpr std::array<std::string_view, 3> kNames{"own", "average", "average+max"};
};

/// The classifier on top of a trunk: pooling, hidden layers with ReLU, one layer to the classes.
/// Places count from 0, the pooled features, to the number of hidden layers.
struct HeadOptions {
    HeadPool pool = HeadPool::kOwn;
    std::vector<std::int64_t> hidden;
    std::vector<double> dropout;           // by place; empty: none
    std::vector<std::int64_t> batch_norm;  // places
    bool one_logit = false;

    static constexpr auto fields() {
        using H = HeadOptions;
        return std::tuple{
            Field<H, HeadPool>{
                "pool", &H::pool, "", "own (the network's own classifier), average, average+max"},
            Field<H, std::vector<std::int64_t>>{
                "hidden", &H::hidden, "units", "of hidden layers, each with ReLU", 1, 65536},
            Field<H, std::vector<double>>{
                "dropout", &H::dropout, "", "after the pooling and each hidden layer", 0, 0.99},
            Field<H, std::vector<std::int64_t>>{
                "batch_norm", &H::batch_norm, "", "0: after the pooling, i: after layer i", 0, 16},
            Field<H, bool>{
                "one_logit", &H::one_logit, "", "two classes by one unit: logits (0, z)"}};
    }

    void validate() const;

    bool operator==(const HeadOptions&) const = default;
};

/// Heads by name: linear (the network's own classifier), dense, concat, one_logit.
HeadOptions head_preset(std::string_view name);

/// Which network: everything that must be known to build its graph again.
struct NetworkSpec {
    std::string architecture = "resnet18";
    std::string variant = "torchvision";
    HeadOptions head;
    std::int64_t channels = 3;
    std::int64_t classes = 2;
    std::int64_t height = 0;  ///< of the input; counts only where there is a weight per pixel
    std::int64_t width = 0;

    bool operator==(const NetworkSpec&) const = default;
};

}  // namespace georgia
