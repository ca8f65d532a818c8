#include "georgia/engine/explanation.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>

#include "georgia/base/error.h"
#include "georgia/data/batch.h"
#include "georgia/data/loader.h"
#include "georgia/nn/zoo.h"

namespace georgia {
namespace {

constexpr std::int64_t kPoints = Explanation::kParts + 1;
constexpr std::uint64_t kSeed = 0x6c696b656e657373;  // no training begins with it

/// Ranks of values, equal ones sharing the mean of theirs.
std::vector<double> mid_ranks(std::span<const float> values) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
    std::vector<double> ranks(values.size());
    for (std::size_t first = 0; first < order.size();) {
        std::size_t end = first;
        while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
        const double rank = static_cast<double>(first + end - 1) / 2;
        for (; first < end; ++first) ranks[order[first]] = rank;
    }
    return ranks;
}

/// Spearman's rank correlation; NaN where one has no differences.
double rank_correlation(std::span<const float> left, std::span<const float> right) {
    const std::vector<double> a = mid_ranks(left);
    const std::vector<double> b = mid_ranks(right);
    const double middle = static_cast<double>(a.size() - 1) / 2;
    double both = 0;
    double first = 0;
    double second = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        both += (a[i] - middle) * (b[i] - middle);
        first += (a[i] - middle) * (a[i] - middle);
        second += (b[i] - middle) * (b[i] - middle);
    }
    return both / std::sqrt(first * second);
}

/// The same of each row of maps (n, m) with its partner, (n, 1) float32.
at::Tensor rank_correlations(const at::Tensor& left, const at::Tensor& right) {
    const at::Tensor a = left.to(at::kCPU).contiguous();
    const at::Tensor b = right.to(at::kCPU).contiguous();
    const auto size = static_cast<std::size_t>(a.size(1));
    std::vector<float> found;
    for (std::size_t i = 0; i < static_cast<std::size_t>(a.size(0)); ++i)
        found.push_back(
            static_cast<float>(rank_correlation(
                {a.data_ptr<float>() + i * size, size}, {b.data_ptr<float>() + i * size, size})));
    return at::tensor(found, left.options()).unsqueeze(1);
}

/// A network that is asked, with the same one of random weights beside it.
class Explainer {
  public:
    Explainer(const ModelFile& model, const ExplainRequest& request, const Compute& compute)
        : request_(request),
          size_{model.preprocess.height, model.preprocess.width},
          graph_(build_network(model.network)),
          weights_(model.weights),
          answers_(graph_, weights_, compute, size_) {
        node_ = request.stage.empty() ? last_planes(graph_, size_) : graph_.find(request.stage);
        for (const std::int64_t k : request.classes)
            if (k < 0 || k >= classes())
                throw InvalidOption("explain", "classes", "not a class of the model");
        for (auto& [name, tensor] : weights_) tensor = tensor.to(compute.device);
        if (!request.has_checks) return;
        random_ = initial_weights(graph_, kSeed);
        for (auto& [name, tensor] : random_) tensor = tensor.to(compute.device);
    }

    std::int64_t width() const {
        return size_.height * size_.width + 1 + (request_.has_checks ? 2 * kPoints + 1 : 0);
    }

    /// Rows of a map, its class, and with checks deletion, insertion, likeness.
    at::Tensor rows(const at::Tensor& input) {
        const std::vector<std::int64_t> classes = next_classes(input);
        const at::Tensor map = map_of(weights_, input, classes).flatten(1);
        const at::Tensor index = at::tensor(classes, input.options().dtype(at::kLong)).unsqueeze(1);
        std::vector<at::Tensor> parts{map, index.to(at::kFloat)};
        if (request_.has_checks) {
            parts.push_back(curve(input, map, index, /*is_insertion=*/false));
            parts.push_back(curve(input, map, index, /*is_insertion=*/true));
            const at::Tensor other = map_of(random_, input, classes).flatten(1);
            parts.push_back(rank_correlations(map, other));
        }
        return at::cat(parts, 1);
    }

  private:
    std::int64_t classes() const {
        return graph_.channels_of(graph_.output());
    }

    std::vector<std::int64_t> next_classes(const at::Tensor& input) {
        const auto count = static_cast<std::size_t>(input.size(0));
        std::vector<std::int64_t> classes(count);
        if (request_.classes.empty()) {
            const at::Tensor best = answers_.logits(input).argmax(1).to(at::kCPU).contiguous();
            std::copy_n(best.data_ptr<std::int64_t>(), count, classes.begin());
        } else {
            for (std::size_t i = 0; i < count; ++i) classes[i] = request_.classes[done_ + i];
        }
        done_ += count;
        return classes;
    }

    at::Tensor map_of(
        TensorMap& weights, const at::Tensor& input, const std::vector<std::int64_t>& classes) {
        return attribute(graph_, weights, {input, classes, node_, request_.method});
    }

    /// Probability of each image's class after 0, 1, ... parts of its pixels went or came, (n, 21).
    at::Tensor curve(
        const at::Tensor& input,
        const at::Tensor& map,
        const at::Tensor& index,
        bool is_insertion) {
        const std::int64_t pixels = map.size(1);
        const at::Tensor place =
            (-map).argsort(/*stable=*/true, 1).argsort(/*stable=*/true, 1);  // 0 is the highest
        std::vector<at::Tensor> points;
        for (std::int64_t part = 0; part < kPoints; ++part) {
            const std::int64_t first = pixels * part / Explanation::kParts;
            const at::Tensor is_seen = is_insertion ? place < first : place >= first;
            const at::Tensor mask =
                is_seen.view({input.size(0), 1, input.size(2), input.size(3)}).to(at::kFloat);
            const at::Tensor shown = (input * mask).contiguous(at::MemoryFormat::ChannelsLast);
            points.push_back(answers_.logits(shown).softmax(1).gather(1, index));
        }
        return at::cat(points, 1);
    }

    const ExplainRequest& request_;
    Extent size_;
    Graph graph_;
    TensorMap weights_;
    TensorMap random_;
    Inference answers_;
    NodeId node_ = 0;
    std::size_t done_ = 0;
};

}  // namespace

Explanation explain(
    const ModelFile& model,
    std::vector<Sample> inputs,
    const ExplainRequest& request,
    const PredictOptions& options,
    const Compute& compute,
    Progress& progress) {
    const std::size_t count = inputs.size();
    if (!request.classes.empty() && request.classes.size() != count)
        throw InvalidOption("explain", "classes", "one for each image is wanted");
    Explainer explainer(model, request, compute);
    const ImageRows rows = stream_rows(
        std::move(inputs),
        model.preprocess,
        options,
        compute,
        progress,
        explainer.width(),
        [&](const at::Tensor& input) { return explainer.rows(input); });
    Explanation found;
    found.height = model.preprocess.height;
    found.width = model.preprocess.width;
    found.errors = rows.errors;
    const auto pixels = static_cast<std::size_t>(found.height * found.width);
    const auto width = static_cast<std::size_t>(rows.width);
    const auto take = [](std::vector<float>& to, const float*& from, std::size_t many) {
        to.insert(to.end(), from, from + many);
        from += many;
    };
    for (std::size_t i = 0; i < count; ++i) {
        const float* row = &rows.values[i * width];
        take(found.maps, row, pixels);
        found.classes.push_back(static_cast<std::int64_t>(*row++));
        if (!request.has_checks) continue;
        take(found.deletion, row, kPoints);
        take(found.insertion, row, kPoints);
        take(found.likeness, row, 1);
    }
    return found;
}

Planes feature_maps(
    const ModelFile& model, Sample input, const std::string& stage, const PredictOptions& options) {
    const Graph graph = build_network(model.network);
    const Extent size{model.preprocess.height, model.preprocess.width};
    const Inference inference(graph, model.weights, {}, size, {{0}, {graph.find(stage)}});
    LoaderOptions loading;
    loading.batch = 1;
    loading.limits = options.limits;
    Loader loader({std::move(input)}, model.preprocess, loading);
    const BatchView batch = loader.next();
    batch.rethrow_failure();
    const at::Tensor planes =
        inference.run({normalised(batch, model.preprocess, at::kFloat, at::kCPU)}).back();
    if (planes.dim() != 4) throw InvalidOption("feature_maps", stage, "gives no planes");
    const at::Tensor values = planes[0].to(at::kFloat).contiguous();
    return {
        values.sizes().vec(),
        {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()}};
}

}  // namespace georgia
