#include "georgia/nn/apply.h"

#include <ATen/ATen.h>
#include <array>
#include <optional>
#include <vector>

#include "georgia/base/error.h"

namespace georgia {
namespace {

std::array<std::int64_t, 2> pair(const Extent& extent) {
    return {extent.height, extent.width};
}

/// A node with its tensors.
class Layer {
  public:
    Layer(const Node& node, const TensorMap& weights) : node_(node), weights_(weights) {}

    const at::Tensor& tensor(const char* suffix) const {
        return weights_.find(node_.name + suffix)->second;
    }

    at::Tensor weight(at::ScalarType type) const {
        return tensor(".weight").to(type);
    }

    std::optional<at::Tensor> bias(at::ScalarType type) const {
        if (!node_.attributes.bias) return std::nullopt;
        return tensor(".bias").to(type);
    }

    at::Tensor convolution(const at::Tensor& x) const {
        const Attributes& a = node_.attributes;
        const at::ScalarType type = x.scalar_type();
        if (is_better_as_product(x))
            return at_each_pixel(x, [&](const at::Tensor& rows) {
                return at::linear(rows, weight(type).flatten(1), bias(type));
            });
        return at::conv2d(x, weight(type), bias(type), a.stride, pair(a.padding), 1, a.groups);
    }

    at::Tensor batch_norm(const at::Tensor& x) const {
        return at::batch_norm(
            x,
            tensor(".weight"),
            tensor(".bias"),
            tensor(".running_mean"),
            tensor(".running_var"),
            /*training=*/false,
            /*momentum=*/0,
            node_.attributes.epsilon,
            /*cudnn_enabled=*/true);
    }

    at::Tensor layer_norm(const at::Tensor& x) const {
        const at::ScalarType type = x.scalar_type();
        return at_each_pixel(x, [&](const at::Tensor& rows) {
            return at::layer_norm(
                rows,
                {node_.channels},
                weight(type),
                tensor(".bias").to(type),
                node_.attributes.epsilon);
        });
    }

    at::Tensor linear(const at::Tensor& x) const {
        const at::Tensor wide = x.dim() == 2 ? x.to(at::kFloat) : x;
        const at::ScalarType type = wide.scalar_type();
        return at_each_pixel(wide, [&](const at::Tensor& rows) {
            return at::linear(rows, weight(type), bias(type));
        });
    }

  private:
    /// Note [Deep 1x1 convolutions]: they are matrix products of pixels by channels. oneDNN's
    /// bfloat16 product is as fast as its convolution on large planes and faster on small ones,
    /// most of all for the gradient of the weight: on 4 x 4 planes 2.5 ms instead of 4.8 (2048 to
    /// 512 channels, batch 32), on 16 x 16 the same. Thin layers lose by it; float32 products are
    /// another library's.
    bool is_better_as_product(const at::Tensor& x) const {
        constexpr std::int64_t kDeep = 128 * 512;  // channels in times channels out
        const Attributes& a = node_.attributes;
        const bool is_pointwise = a.kernel.height == 1 && a.kernel.width == 1 && a.stride == 1 &&
                                  a.groups == 1 && a.padding.height == 0 && a.padding.width == 0;
        return is_pointwise && x.size(1) * node_.channels >= kDeep && x.device().is_cpu() &&
               x.scalar_type() == at::kBFloat16;
    }

    const Node& node_;
    const TensorMap& weights_;
};

}  // namespace

at::Tensor apply(
    const Node& node,
    std::span<const at::Tensor> inputs,
    const TensorMap& weights,
    const ApplyMode& mode) {
    const Layer layer(node, weights);
    const Attributes& a = node.attributes;
    if (node.operation == Operation::kParameter) return layer.tensor("").to(mode.type);
    if (inputs.empty()) throw InternalError("apply", node.name, "a node without its input");
    const at::Tensor& x = inputs[0];
    switch (node.operation) {
        case Operation::kZeroPad:
            return at::constant_pad_nd(
                x, {a.padding.width, a.padding.width, a.padding.height, a.padding.height});
        case Operation::kConvolution:
            return layer.convolution(x);
        case Operation::kBatchNorm:
            return layer.batch_norm(x);
        case Operation::kLayerNorm:
            return layer.layer_norm(x);
        case Operation::kRelu:
            return mode.may_overwrite ? x.relu_() : x.relu();
        case Operation::kGelu:
            return at::gelu(x);
        case Operation::kMaxPool:
            return at::max_pool2d(x, pair(a.kernel), a.stride, pair(a.padding), 1, a.ceil_mode);
        case Operation::kAveragePool:
            return at::avg_pool2d(x, pair(a.kernel), a.stride, pair(a.padding));
        case Operation::kAdaptiveAveragePool:
            return at::adaptive_avg_pool2d(x, pair(a.size));
        case Operation::kGlobalAveragePool:
            return at::adaptive_avg_pool2d(x, {1, 1}).flatten(1);
        case Operation::kGlobalMaxPool:
            return x.amax({2, 3});
        case Operation::kFlatten:
            return x.contiguous().flatten(1);  // channels first, as weights expect it
        case Operation::kLinear:
            return layer.linear(x);
        case Operation::kMultiply:
            return x * inputs[1];
        case Operation::kAdd:
            return mode.may_overwrite ? x.add_(inputs[1]) : x + inputs[1];
        case Operation::kConcatenate:
            return at::cat(std::vector<at::Tensor>(inputs.begin(), inputs.end()), 1);
        case Operation::kPrependZero:
            return at::constant_pad_nd(x, {1, 0});
        case Operation::kInput:
        case Operation::kParameter:
        case Operation::kDropout:
        case Operation::kStochasticDepth:
            break;
    }
    return x;
}

}  // namespace georgia
