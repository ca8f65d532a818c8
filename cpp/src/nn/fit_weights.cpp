#include "georgia/nn/fit_weights.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <set>
#include <utility>

#include "georgia/base/error.h"
#include "georgia/nn/zoo.h"

namespace georgia {
namespace {

constexpr std::size_t kLinesShown = 20;
constexpr const char* kHead = "head";

/// Layers whose shape follows from input and classes.
struct Ends {
    std::string first;                 ///< weight of the first convolution
    std::vector<std::string> classes;  ///< prefixes of the layers with one output for each class
};

Ends ends_of(const Graph& graph) {
    Ends ends;
    for (const Node& node : graph.nodes()) {
        if (node.operation != Operation::kConvolution) continue;
        ends.first = node.name + ".weight";
        break;
    }
    ends.classes.push_back(graph[graph.last_layer()].name + ".");
    if (const auto auxiliary = graph.auxiliary_output())
        ends.classes.push_back(graph[*auxiliary].name + ".");
    return ends;
}

/// Tensors of the network's own classifier, which another head replaces.
std::set<std::string> own_classifier(NetworkSpec spec) {
    spec.head = {};
    std::set<std::string> names;
    for (const TensorSpec& tensor : tensor_specs(build_network(spec)))
        if (tensor.stage == kHead) names.insert(tensor.name);
    return names;
}

bool equal_but(at::IntArrayRef left, at::IntArrayRef right, std::size_t axis) {
    if (left.size() != right.size() || left.size() <= axis) return false;
    for (std::size_t i = 0; i < left.size(); ++i)
        if (i != axis && left[i] != right[i]) return false;
    return true;
}

/// Fits one file to one network.
class Fitter {
  public:
    Fitter(const NetworkSpec& spec, TensorMap given, const FitOptions& options)
        : spec_(spec),
          graph_(build_network(spec)),
          ends_(ends_of(graph_)),
          given_(std::move(given)),
          options_(options) {}

    FittedWeights fit(std::string_view subject) {
        for (const TensorSpec& tensor : tensor_specs(graph_)) take(tensor);
        judge_missing_head();
        judge_unexpected();
        if (taken_ == 0 || (options_.strict && !wrong_.empty())) refuse(subject);
        for (const std::string& line : wrong_) note("skipped: " + line);
        draw_missing_weights(graph_, options_.seed, fitted_.weights);
        return std::move(fitted_);
    }

  private:
    void note(std::string_view line) {
        fitted_.notes.emplace_back(line);
    }

    void take(const TensorSpec& spec) {
        const auto found = given_.find(spec.name);
        if (found == given_.end()) {
            if (spec.kind == TensorKind::kBatchCount) return;  // other programs do not keep it
            if (spec.is_auxiliary)
                missing_auxiliary_.push_back(spec.name);
            else if (spec.stage == kHead)
                missing_head_.push_back(spec.name);
            else
                wrong_.push_back("missing " + spec.name);
            return;
        }
        const bool counts = spec.kind == TensorKind::kBatchCount;
        const at::Tensor tensor = found->second.to(counts ? at::kLong : at::kFloat).contiguous();
        given_.erase(found);
        if (spec.stage == kHead) ++(spec.is_auxiliary ? auxiliary_found_ : head_found_);
        if (!at::isfinite(tensor).all().item<bool>())
            wrong_.push_back(spec.name + " holds values that are not finite");
        else
            fit_shape(spec, tensor);
    }

    void fit_shape(const TensorSpec& spec, const at::Tensor& tensor) {
        const at::IntArrayRef wanted = spec.shape;
        if (tensor.sizes() == wanted) {
            fitted_.weights[spec.name] = tensor.clone();
            ++taken_;
        } else if (spec.name == ends_.first && can_adapt(tensor.sizes(), wanted)) {
            fitted_.weights[spec.name] = adapted(tensor, wanted[1]);
            ++taken_;
        } else if (belongs_to_classes(spec.name) && equal_but(tensor.sizes(), wanted, 0)) {
            if (spec.kind == TensorKind::kWeight && !spec.is_auxiliary)
                note(
                    "the last layer starts anew: the file has " + std::to_string(tensor.size(0)) +
                    " classes, the model " + std::to_string(spec_.classes));
        } else {
            wrong_.push_back(
                spec.name + ": expected shape " + shape_text(wanted) + ", got " +
                shape_text(tensor.sizes()));
        }
    }

    static bool can_adapt(at::IntArrayRef got, at::IntArrayRef wanted) {
        return equal_but(got, wanted, 1) && got[1] == 3 && (wanted[1] == 1 || wanted[1] == 4);
    }

    at::Tensor adapted(const at::Tensor& rgb, std::int64_t channels) {
        if (channels == 1) {
            note("3 input channels to 1: the first layer's weights are summed");
            return rgb.sum(1, /*keepdim=*/true);
        }
        note("3 input channels to 4: weights of zero for the fourth");
        return at::cat({rgb, at::zeros_like(rgb.narrow(1, 0, 1))}, 1);
    }

    bool belongs_to_classes(const std::string& name) const {
        return std::any_of(
            ends_.classes.begin(), ends_.classes.end(), [&](const std::string& prefix) {
                return name.starts_with(prefix);
            });
    }

    void judge_missing_head() {
        if (head_found_ == 0 && !missing_head_.empty())
            note("the head starts anew: the file is a trunk for this network");
        else
            for (const std::string& name : missing_head_) wrong_.push_back("missing " + name);
        if (auxiliary_found_ == 0 && !missing_auxiliary_.empty())
            note("the second classifier starts anew: the file has none");
        else
            for (const std::string& name : missing_auxiliary_) wrong_.push_back("missing " + name);
    }

    void judge_unexpected() {
        const bool has_other_head = spec_.head.pool != HeadPool::kOwn;
        const std::set<std::string> own =
            has_other_head ? own_classifier(spec_) : std::set<std::string>{};
        bool left_out = false;
        for (const auto& [name, tensor] : given_) {
            if (own.contains(name))
                left_out = true;
            else
                wrong_.push_back("unexpected " + name);
        }
        if (left_out) note("the file's own classifier is left out");
    }

    [[noreturn]] void refuse(std::string_view subject) const {
        std::string text = taken_ == 0 ? "none of its tensors fits the network "
                                       : "its tensors do not fit the network ";
        text += spec_.architecture + " (" + spec_.variant + "):";
        for (std::size_t i = 0; i < std::min(wrong_.size(), kLinesShown); ++i)
            text += "\n  " + wrong_[i];
        if (wrong_.size() > kLinesShown)
            text += "\n  and " + std::to_string(wrong_.size() - kLinesShown) + " more";
        throw BadInput("weights", subject, text);
    }

    const NetworkSpec& spec_;
    Graph graph_;
    Ends ends_;
    TensorMap given_;  // what is not taken yet
    FitOptions options_;
    FittedWeights fitted_;
    std::vector<std::string> wrong_;
    std::vector<std::string> missing_head_;
    std::vector<std::string> missing_auxiliary_;
    int head_found_ = 0;
    int auxiliary_found_ = 0;
    int taken_ = 0;
};

/// The spec completed with channels and classes, if every tensor of the trunk is there and no
/// tensor is left over.
std::optional<NetworkSpec> try_network(NetworkSpec spec, const TensorMap& tensors) {
    const Ends ends = ends_of(build_network(spec));
    const auto first = tensors.find(ends.first);
    if (first == tensors.end() || first->second.dim() != 4) return std::nullopt;
    spec.channels = first->second.size(1);
    if (spec.channels != 1 && spec.channels != 3 && spec.channels != 4) return std::nullopt;
    const auto last = tensors.find(ends.classes[0] + "weight");
    const bool has_head = last != tensors.end() && last->second.dim() > 0;
    spec.classes = has_head ? std::max<std::int64_t>(last->second.size(0), 1) : 1;

    std::size_t found = 0;
    for (const TensorSpec& tensor : tensor_specs(build_network(spec))) {
        const auto it = tensors.find(tensor.name);
        const bool may_lack = tensor.stage == kHead || tensor.kind == TensorKind::kBatchCount;
        if (it == tensors.end() && may_lack) continue;
        if (it == tensors.end() || it->second.sizes() != at::IntArrayRef(tensor.shape))
            return std::nullopt;
        ++found;
    }
    if (found < tensors.size()) return std::nullopt;
    if (!has_head) spec.classes = 0;
    return spec;
}

}  // namespace

FittedWeights fit_weights(
    const NetworkSpec& spec, TensorMap given, const FitOptions& options, std::string_view subject) {
    return Fitter(spec, std::move(given), options).fit(subject);
}

std::optional<NetworkSpec> recognise(const TensorMap& tensors) {
    for (const std::string& name : network_names()) {
        if (name == "logistic") continue;  // its one matrix could be anything's
        for (const std::string& variant : network_variants(name)) {
            NetworkSpec spec;
            spec.architecture = name;
            spec.variant = variant;
            if (const auto network = try_network(spec, tensors)) return network;
        }
    }
    return std::nullopt;
}

}  // namespace georgia
