#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace georgia {

/// What a node computes. Weights are named after the node.
enum class Operation {
    kInput,
    kConvolution,
    kBatchNorm,
    kRelu,
    kMaxPool,
    kAveragePool,  ///< over the whole plane, flattened to (N, C)
    kAdd,
    kLinear
};

/// The attributes an operation needs; the others keep their defaults.
struct Attributes {
    std::int64_t out_channels = 0;  ///< convolution, linear
    std::int64_t kernel = 1;        ///< convolution, pooling
    std::int64_t stride = 1;
    std::int64_t padding = 0;
    bool bias = false;
    double epsilon = 1e-5;  ///< batch normalisation
};

/// Index of a node in its graph.
using NodeId = std::size_t;

struct Node {
    std::string name;  ///< prefix of its tensors, as torchvision names them; unique
    Operation operation = Operation::kInput;
    Attributes attributes;
    std::vector<NodeId> inputs;
    std::string stage;
    std::int64_t channels = 0;  ///< of its output
};

/// Which network: everything that must be known to build its graph again.
struct NetworkSpec {
    std::string architecture = "resnet18";
    std::string variant = "torchvision";
    std::string head = "linear";
    std::int64_t channels = 3;
    std::int64_t classes = 2;

    bool operator==(const NetworkSpec&) const = default;
};

/// A network as data: nodes in the order they are computed, the last one giving the logits.
class Graph {
  public:
    /// Starts with the input node, named "input".
    explicit Graph(std::int64_t channels);

    /// Nodes added from now on belong to that stage.
    void begin_stage(std::string name);

    NodeId convolution(const std::string& name, NodeId input, const Attributes& attributes);
    NodeId batch_norm(const std::string& name, NodeId input);
    NodeId relu(const std::string& name, NodeId input);
    NodeId max_pool(const std::string& name, NodeId input, const Attributes& attributes);
    NodeId average_pool(const std::string& name, NodeId input);
    NodeId add(const std::string& name, NodeId left, NodeId right);
    NodeId linear(const std::string& name, NodeId input, std::int64_t out_features);

    const std::vector<Node>& nodes() const {
        return nodes_;
    }

    /// Stage names in order, from the stem to the head.
    std::vector<std::string> stages() const;

    std::int64_t channels_of(NodeId id) const {
        return nodes_[id].channels;
    }

  private:
    NodeId append(Node node);

    std::vector<Node> nodes_;
    std::string stage_;
};

}  // namespace georgia
