#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "georgia/base/options.h"

namespace georgia {

/// What a node computes, from planes (N, C, H, W) or rows (N, D).
enum class Operation {
    kInput,
    kZeroPad,
    kConvolution,
    kBatchNorm,
    kLayerNorm,  ///< over the channels, at each pixel
    kRelu,
    kGelu,
    kMaxPool,
    kAveragePool,          ///< zeros of the padding are counted
    kAdaptiveAveragePool,  ///< to planes of a fixed size
    kGlobalAveragePool,    ///< over the whole plane, to rows
    kGlobalMaxPool,        ///< likewise
    kFlatten,              ///< planes to rows
    kLinear,               ///< of rows, or of the channels at each pixel
    kParameter,            ///< a tensor of the network, (C, 1, 1)
    kMultiply,
    kAdd,
    kConcatenate,  ///< along the channels
    kDropout,
    kStochasticDepth,  ///< drops the whole branch of an image
    kPrependZero       ///< (N, 1) to (N, 2): the logits (0, z)
};
template <>
struct EnumNames<Operation> {
    static constexpr std::array<std::string_view, 21> kNames{
        "input",
        "zero_pad",
        "convolution",
        "batch_norm",
        "layer_norm",
        "relu",
        "gelu",
        "max_pool",
        "average_pool",
        "adaptive_average_pool",
        "global_average_pool",
        "global_max_pool",
        "flatten",
        "linear",
        "parameter",
        "multiply",
        "add",
        "concatenate",
        "dropout",
        "stochastic_depth",
        "prepend_zero"};
};

/// Height and width; one number means both.
struct Extent {
    std::int64_t height;
    std::int64_t width;

    constexpr Extent(std::int64_t both) : height(both), width(both) {}
    constexpr Extent(std::int64_t h, std::int64_t w) : height(h), width(w) {}

    bool operator==(const Extent&) const = default;

    std::int64_t area() const {
        return height * width;
    }
};

/// The attributes an operation needs; the others keep their defaults.
struct Attributes {
    std::int64_t out_channels = 0;  ///< convolution, linear, parameter
    Extent kernel = 1;              ///< convolution, pooling
    std::int64_t stride = 1;
    Extent padding = 0;
    std::int64_t groups = 1;
    bool bias = false;
    bool ceil_mode = false;  ///< max pooling: a last, partial window counts
    double epsilon = 1e-5;   ///< normalisation
    double rate = 0;         ///< share that dropout drops
    Extent size = 0;         ///< planes of adaptive pooling; planes that flatten takes
};

/// Index of a node in its graph.
using NodeId = std::size_t;

struct Node {
    std::string name;  ///< prefix of its tensors, as torchvision names them; unique
    Operation operation = Operation::kInput;
    Attributes attributes;
    std::vector<NodeId> inputs;
    std::string stage;
    std::int64_t channels = 0;  ///< of its output: C of planes, D of rows
    bool has_rows = false;      ///< its output is (N, D), else (N, C, H, W)
    bool is_auxiliary = false;  ///< computed in training alone
};

/// A network as data: nodes in the order they are computed, the last one giving the logits.
class Graph {
  public:
    /// Starts with the input node, named "input".
    explicit Graph(std::int64_t channels);

    /// Nodes added from now on belong to that stage.
    void begin_stage(std::string name);

    /// Nodes added until the end belong to a second classifier, which helps in training alone.
    void begin_auxiliary();
    void end_auxiliary(NodeId output);

    NodeId zero_pad(const std::string& name, NodeId input, Extent padding);
    NodeId convolution(const std::string& name, NodeId input, const Attributes& attributes);
    NodeId batch_norm(const std::string& name, NodeId input, double epsilon = 1e-5);
    NodeId layer_norm(const std::string& name, NodeId input, double epsilon);
    NodeId relu(const std::string& name, NodeId input);
    NodeId gelu(const std::string& name, NodeId input);
    NodeId max_pool(const std::string& name, NodeId input, const Attributes& attributes);
    NodeId average_pool(const std::string& name, NodeId input, const Attributes& attributes);
    NodeId adaptive_average_pool(const std::string& name, NodeId input, Extent size);
    NodeId global_average_pool(const std::string& name, NodeId input);
    NodeId global_max_pool(const std::string& name, NodeId input);
    NodeId flatten(const std::string& name, NodeId input, Extent plane);
    NodeId linear(const std::string& name, NodeId input, std::int64_t out_features);
    NodeId parameter(const std::string& name, std::int64_t channels);
    NodeId multiply(const std::string& name, NodeId left, NodeId right);
    NodeId add(const std::string& name, NodeId left, NodeId right);
    NodeId concatenate(const std::string& name, const std::vector<NodeId>& inputs);
    NodeId dropout(const std::string& name, NodeId input, double rate);
    NodeId stochastic_depth(const std::string& name, NodeId input, double rate);
    NodeId prepend_zero(const std::string& name, NodeId input);

    const std::vector<Node>& nodes() const {
        return nodes_;
    }

    const Node& operator[](NodeId id) const {
        return nodes_[id];
    }

    /// The node that gives the logits.
    NodeId output() const {
        return nodes_.size() - 1;
    }

    /// The node that gives the second classifier's logits, where there is one.
    std::optional<NodeId> auxiliary_output() const {
        return auxiliary_output_;
    }

    /// Stage names in order, from the stem to the head.
    std::vector<std::string> stages() const;

    /// The last node of a stage or the node of that name; "features" is what the last layer with
    /// weights sees. Parameters and the second classifier give nothing of an image alone; their
    /// names are refused as unknown ones are, with the list of stages.
    NodeId find(std::string_view name) const;

    /// The last layer with weights: the one that depends on the number of classes.
    NodeId last_layer() const;

    std::int64_t channels_of(NodeId id) const {
        return nodes_[id].channels;
    }

  private:
    NodeId append(
        Operation operation,
        const std::string& name,
        std::vector<NodeId> inputs,
        const Attributes& attributes = {});

    std::vector<Node> nodes_;
    std::string stage_;
    bool in_auxiliary_ = false;
    std::optional<NodeId> auxiliary_output_;
};

}  // namespace georgia
