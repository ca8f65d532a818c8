#include "engine/pointwise.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <array>
#include <map>
#include <mutex>
#include <string>

namespace georgia::pointwise {
namespace {

using Bias = std::optional<at::Tensor>;
using Text = std::string_view;
using MaybeText = std::optional<std::string_view>;
using Scalars = c10::List<std::optional<at::Scalar>>;
using Sizes = at::IntArrayRef;

using Convolution = at::Tensor(
    const at::Tensor&,
    const at::Tensor&,
    const Bias&,
    Sizes padding,
    Sizes stride,
    Sizes dilation,
    std::int64_t groups,
    Text activation,
    Scalars,
    MaybeText algorithm);
using ConvolutionAndSum = at::Tensor(
    const at::Tensor&,
    const at::Tensor& other,
    const at::Tensor&,
    const Bias&,
    Sizes padding,
    Sizes stride,
    Sizes dilation,
    std::int64_t groups,
    Text binary,
    std::optional<at::Scalar> alpha,
    MaybeText activation,
    Scalars,
    MaybeText algorithm);
using ConvolutionIntoSum = at::Tensor&(
    at::Tensor& other,
    const at::Tensor&,
    const at::Tensor&,
    const Bias&,
    Sizes padding,
    Sizes stride,
    Sizes dilation,
    std::int64_t groups,
    Text binary,
    std::optional<at::Scalar> alpha,
    MaybeText activation,
    Scalars,
    MaybeText algorithm);
using Linear = at::Tensor(
    const at::Tensor&,
    const at::Tensor&,
    const Bias&,
    Text activation,
    Scalars,
    MaybeText algorithm);
using PackConvolution = at::Tensor(
    const at::Tensor&,
    Sizes padding,
    Sizes stride,
    Sizes dilation,
    std::int64_t groups,
    at::OptionalIntArrayRef input);
using PackLinear = at::Tensor(const at::Tensor&, std::optional<std::int64_t> rows);

template <class Function>
c10::TypedOperatorHandle<Function> find(const char* name, const char* overload = "") {
    return c10::Dispatcher::singleton()
        .findSchemaOrThrow(name, overload)
        .template typed<Function>();
}

struct Operators {
    c10::TypedOperatorHandle<Convolution> convolution =
        find<Convolution>("mkldnn::_convolution_pointwise");
    c10::TypedOperatorHandle<ConvolutionAndSum> convolution_and_sum =
        find<ConvolutionAndSum>("mkldnn::_convolution_pointwise", "binary");
    c10::TypedOperatorHandle<ConvolutionIntoSum> convolution_into_sum =
        find<ConvolutionIntoSum>("mkldnn::_convolution_pointwise_", "binary");
    c10::TypedOperatorHandle<Linear> linear = find<Linear>("mkldnn::_linear_pointwise");
    c10::TypedOperatorHandle<PackConvolution> pack_convolution =
        find<PackConvolution>("mkldnn::_reorder_convolution_weight");
    c10::TypedOperatorHandle<PackLinear> pack_linear =
        find<PackLinear>("mkldnn::_reorder_linear_weight");
};

const Operators& operators() {
    static const Operators found;
    return found;
}

MaybeText algorithm_of(std::string_view activation) {
    return activation == "gelu" ? MaybeText("none") : std::nullopt;  // not the approximation
}

struct Sides {
    std::array<std::int64_t, 2> padding;
    std::array<std::int64_t, 2> stride;
    std::array<std::int64_t, 2> dilation{1, 1};

    explicit Sides(const Placement& placement)
        : padding{placement.padding.height, placement.padding.width},
          stride{placement.stride, placement.stride} {}
};

/// One small layer of each kind.
bool works(at::ScalarType type) {
    try {
        const at::Tensor x =
            at::ones({1, 16, 4, 4}, type).contiguous(at::MemoryFormat::ChannelsLast);
        const at::Tensor bias = at::ones({16}, type);
        const at::Tensor weight =
            packed_convolution_weight(at::ones({16, 16, 1, 1}, type), {}, x.sizes());
        const at::Tensor sum =
            convolution_and_sum(x, x.clone(), weight, bias, {}, "relu", /*in_place=*/true);
        const at::Tensor row = at::ones({1, 16}, type);
        const at::Tensor rows =
            linear(row, packed_linear_weight(at::ones({16, 16}, type), 1), bias, "none");
        return sum.sum().item<double>() == 18 * 256 && rows.sum().item<double>() == 17 * 16;
    } catch (const c10::Error&) {
        return false;
    }
}

}  // namespace

bool is_there(at::ScalarType type) {
    static std::mutex mutex;
    static std::map<at::ScalarType, bool> known;
    const std::scoped_lock lock(mutex);
    if (!known.contains(type)) known[type] = works(type);
    return known[type];
}

at::Tensor packed_convolution_weight(
    const at::Tensor& weight, const Placement& placement, at::IntArrayRef input) {
    const Sides sides(placement);
    return operators().pack_convolution.call(
        weight, sides.padding, sides.stride, sides.dilation, placement.groups, input);
}

at::Tensor packed_linear_weight(const at::Tensor& weight, std::int64_t rows) {
    return operators().pack_linear.call(weight, rows);
}

at::Tensor convolution(
    const at::Tensor& x,
    const at::Tensor& weight,
    const Bias& bias,
    const Placement& placement,
    std::string_view activation) {
    const Sides sides(placement);
    return operators().convolution.call(
        x,
        weight,
        bias,
        sides.padding,
        sides.stride,
        sides.dilation,
        placement.groups,
        activation,
        Scalars(),
        algorithm_of(activation));
}

at::Tensor convolution_and_sum(
    const at::Tensor& x,
    at::Tensor other,
    const at::Tensor& weight,
    const Bias& bias,
    const Placement& placement,
    std::string_view activation,
    bool in_place) {
    const Sides sides(placement);
    const MaybeText after = activation == "none" ? std::nullopt : MaybeText(activation);
    // Two operators that differ in the order of their first arguments alone.
    const auto call = [&](const auto& sum, auto& first, auto& second) -> at::Tensor {
        return sum.call(
            first,
            second,
            weight,
            bias,
            sides.padding,
            sides.stride,
            sides.dilation,
            placement.groups,
            "add",
            std::nullopt,
            after,
            Scalars(),
            std::nullopt);
    };
    return in_place ? call(operators().convolution_into_sum, other, x)
                    : call(operators().convolution_and_sum, x, other);
}

at::Tensor linear(
    const at::Tensor& x, const at::Tensor& weight, const Bias& bias, std::string_view activation) {
    return operators().linear.call(
        x, weight, bias, activation, Scalars(), algorithm_of(activation));
}

}  // namespace georgia::pointwise
