#include "georgia/nn/shapes.h"

#include <algorithm>
#include <string>

#include "georgia/base/error.h"

namespace georgia {
namespace {

/// Places of a window along one side. With ceil_mode a last window may reach beyond the picture,
/// if it begins inside the picture or its left padding.
std::int64_t places(
    std::int64_t side, std::int64_t kernel, std::int64_t padding, const Attributes& attributes) {
    const std::int64_t stride = attributes.stride;
    const std::int64_t room = side + 2 * padding - kernel + (attributes.ceil_mode ? stride - 1 : 0);
    if (side < 1 || room < 0) return 0;
    const std::int64_t count = room / stride + 1;
    const bool begins_outside = (count - 1) * stride >= side + padding;
    return attributes.ceil_mode && begins_outside ? count - 1 : count;
}

Shape slide(Shape shape, const Attributes& a) {
    shape.height = places(shape.height, a.kernel.height, a.padding.height, a);
    shape.width = places(shape.width, a.kernel.width, a.padding.width, a);
    return shape;
}

/// Height and width of what a node gives; the channels are the graph's.
Shape planes_of(const Node& node, const Shape& input) {
    const Attributes& a = node.attributes;
    Shape shape = input;
    switch (node.operation) {
        case Operation::kConvolution:
        case Operation::kMaxPool:
        case Operation::kAveragePool:
            return slide(shape, a);
        case Operation::kZeroPad:
            shape.height += 2 * a.padding.height;
            shape.width += 2 * a.padding.width;
            return shape;
        case Operation::kAdaptiveAveragePool:
            // An empty plane stays empty.
            shape.height = std::min(a.size.height, a.size.height * shape.height);
            shape.width = std::min(a.size.width, a.size.width * shape.width);
            return shape;
        default:
            return shape;
    }
}

std::vector<Shape> shapes_of(const Graph& graph, Extent input) {
    std::vector<Shape> shapes{{graph.channels_of(0), input.height, input.width}};
    for (NodeId id = 1; id < graph.nodes().size(); ++id) {
        const Node& node = graph[id];
        Shape shape = node.inputs.empty() ? Shape{} : planes_of(node, shapes[node.inputs[0]]);
        shape.channels = node.channels;
        if (node.has_rows)
            shape = {
                node.channels,
                std::min<std::int64_t>(shape.height, 1),
                std::min<std::int64_t>(shape.width, 1),
                true};
        shapes.push_back(shape);
    }
    return shapes;
}

bool is_empty(const Shape& shape) {
    return shape.height < 1 || shape.width < 1;
}

bool fits(const Graph& graph, const std::vector<Shape>& shapes) {
    for (NodeId id = 0; id < shapes.size(); ++id)
        if (!graph[id].is_auxiliary && is_empty(shapes[id])) return false;
    return true;
}

void check_flatten(const Graph& graph, const std::vector<Shape>& shapes) {
    for (const Node& node : graph.nodes()) {
        if (node.operation != Operation::kFlatten) continue;
        const Shape& got = shapes[node.inputs[0]];
        const Extent& wanted = node.attributes.size;
        const auto text = [](std::int64_t height, std::int64_t width) {
            return std::to_string(height) + " x " + std::to_string(width);
        };
        if (wanted != Extent{got.height, got.width})
            throw InvalidOption(
                "network",
                "size",
                "the network has a weight for every pixel of its own size",
                text(wanted.height, wanted.width),
                text(got.height, got.width));
    }
}

}  // namespace

std::vector<std::int64_t> Shape::sizes() const {
    if (is_rows) return {channels};
    return {channels, height, width};
}

std::vector<Shape> infer_shapes(const Graph& graph, Extent input) {
    std::vector<Shape> shapes = shapes_of(graph, input);
    if (!fits(graph, shapes)) {
        std::int64_t side = std::min(input.height, input.width) + 1;
        while (!fits(graph, shapes_of(graph, side))) ++side;
        throw InvalidOption(
            "network",
            "size",
            "too small for this network",
            "at least " + std::to_string(side) + " pixels a side",
            std::to_string(input.height) + " x " + std::to_string(input.width));
    }
    check_flatten(graph, shapes);
    return shapes;
}

bool auxiliary_fits(const Graph& graph, Extent input) {
    const auto output = graph.auxiliary_output();
    if (!output) return false;
    const std::vector<Shape> shapes = shapes_of(graph, input);
    for (NodeId id = 0; id <= *output; ++id)
        if (is_empty(shapes[id])) return false;
    return true;
}

std::vector<std::int64_t> multiply_adds(const Graph& graph, Extent input) {
    const std::vector<Shape> shapes = infer_shapes(graph, input);
    std::vector<std::int64_t> counts(shapes.size());
    for (NodeId id = 1; id < shapes.size(); ++id) {
        const Node& node = graph[id];
        const Attributes& a = node.attributes;
        const bool is_convolution = node.operation == Operation::kConvolution;
        if (!is_convolution && node.operation != Operation::kLinear) continue;
        const std::int64_t window = is_convolution ? a.kernel.area() : 1;
        counts[id] = graph.channels_of(node.inputs[0]) / a.groups * window * a.out_channels *
                     shapes[id].height * shapes[id].width;
    }
    return counts;
}

}  // namespace georgia
