#include "train/training_step.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <set>
#include <utility>

#include "georgia/base/error.h"
#include "georgia/nn/shapes.h"
#include "georgia/nn/trainable.h"

namespace georgia {
namespace {

/// Of the second classifier's loss (Szegedy et al., "Going deeper with convolutions", 2015, and
/// torchvision's recipe, which takes 0.4 where the paper has 0.3).
constexpr double kAuxiliaryShare = 0.4;

/// The nodes that training computes, with their tensors marked as trainable.
std::vector<NodeId> outputs_of(const Training& training, const Phase& phase) {
    const Graph& graph = training.graph;
    const std::set<std::string> trainable = stages_named(graph, phase.trainable);
    std::vector<NodeId> outputs{graph.output()};
    if (trainable.contains("head") && auxiliary_fits(graph, phase.size))
        outputs.push_back(*graph.auxiliary_output());
    set_trainable(graph, training.weights, trainable, outputs.size() > 1);
    return outputs;
}

ExecuteMode mode_of(const Training& training, const Phase& phase) {
    ExecuteMode mode;
    mode.normalise_by_batch = mode.drop = stages_named(training.graph, phase.trainable);
    if (phase.train_norm)
        for (const std::string& stage : training.graph.stages())
            mode.normalise_by_batch.insert(stage);
    return mode;
}

/// Running statistics of the stages that normalise by batch.
std::vector<at::Tensor> statistics_of(const Training& training, const ExecuteMode& mode) {
    std::vector<at::Tensor> statistics;
    for (const TensorSpec& spec : tensor_specs(training.graph))
        if (!spec.is_trained() && mode.normalise_by_batch.contains(spec.stage))
            statistics.push_back(training.weights.at(spec.name));
    return statistics;
}

}  // namespace

TrainingStep::TrainingStep(const Training& training, const Phase& phase)
    : training_(training),
      preprocess_(training.options.preprocess_of(phase)),
      outputs_(outputs_of(training, phase)),
      mode_(mode_of(training, phase)),
      loss_(
          training.options.imbalance,
          training.options.label_smoothing,
          training.class_counts,
          training.compute.device),
      optimizer_(training.graph, training.weights, training.options),
      parts_(training.options.accumulate),
      statistics_(statistics_of(training, mode_)) {
    for (const at::Tensor& tensor : statistics_) kept_statistics_.push_back(tensor.clone());
    Route frozen = frozen_route(training.graph, mode_, outputs_);
    if (!frozen.to.empty())
        frozen_.emplace(
            training.graph, training.weights, training.compute, phase.size, std::move(frozen));
}

StepResult TrainingStep::backward(const BatchView& batch) {
    const std::int64_t most = std::max<std::int64_t>(batch.count / 2, 1);
    if (!statistics_.empty()) at::_foreach_copy_(kept_statistics_, statistics_);
    while (true) {
        try {
            return backward_in_parts(batch);
        } catch (const c10::OutOfMemoryError&) {
            if (parts_ >= most)
                throw InvalidOption(
                    "train",
                    images_ ? "device_mib" : "size",
                    "the GPU's memory does not hold the network and two images beside the rest");
        }
        parts_ = std::min(2 * parts_, most);
        optimizer_.clear_gradients();
        if (!statistics_.empty()) at::_foreach_copy_(statistics_, kept_statistics_);
    }
}

StepResult TrainingStep::backward_in_parts(const BatchView& batch) {
    const TrainOptions& options = training_.options;
    const Compute& compute = training_.compute;
    const auto seed = static_cast<std::uint64_t>(options.seed);
    const auto epoch = static_cast<std::uint32_t>(batch.position.epoch);
    const auto number = static_cast<std::uint32_t>(batch.position.batch);
    const std::vector<std::int64_t> rows = bank_rows(batch);
    at::Tensor input;  // none where what is behind the frozen part is known
    if (!bank_ || !bank_->holds(rows)) input = input_of(batch);
    const at::Tensor labels = labels_of(batch, training_.samples, compute.device);
    const Targets targets =
        mix_batch(input, labels, options.mix, {seed, epoch, number, Purpose::kMix});

    // A part of one image could not be normalised by its batch.
    const std::int64_t parts = std::clamp<std::int64_t>(batch.count / 2, 1, parts_);
    StepResult result{
        at::zeros({}, labels.options().dtype(at::kDouble)), at::zeros({}, labels.options()), {}};
    const GivenValues given = given_of(input, rows, parts);
    for (std::int64_t part = 0; part < parts; ++part) {
        const std::int64_t first = part * batch.count / parts;
        const std::int64_t end = (part + 1) * batch.count / parts;
        mode_.key = {seed, epoch, static_cast<std::uint32_t>(number * parts_ + part)};
        GivenValues some;
        for (const auto& [id, value] : given) some[id] = value.slice(0, first, end);
        backward_part(some, targets.rows(first, end), targets, result);
    }
    result.gradient_norm = optimizer_.gradient_norm();
    return result;
}

at::Tensor TrainingStep::input_of(const BatchView& batch) const {
    const Compute& compute = training_.compute;
    if (!images_) return normalised(batch, preprocess_, compute.type(), compute.device);
    const TrainOptions& options = training_.options;
    const auto seed = static_cast<std::uint64_t>(options.seed);
    const std::int64_t epoch = views_.epoch_shown(batch.position.epoch);
    std::vector<Augmentation> drawn;
    for (const std::int64_t entry : batch.entries)
        drawn.push_back(augmentation_of(options.augment, seed, epoch, entry));
    return images_->batch(batch.samples, drawn, compute.type());
}

bool TrainingStep::could_keep_views(std::int64_t entries) const {
    const TrainOptions& options = training_.options;
    return frozen_ &&
           entries * options.bank_views * frozen_->bytes_of_image() <= options.bank_bytes();
}

ViewOptions TrainingStep::keep_views(
    std::int64_t entries, std::int64_t first_epoch, const std::optional<BankFile>& file) {
    const TrainOptions& options = training_.options;
    entries_ = entries;
    views_.count = options.bank_views;
    views_.first = first_epoch;
    bank_.emplace(entries * views_.count, options.bank_bytes(), file);
    ViewOptions told = views_;
    told.is_known = [this](std::int64_t entry, std::int64_t view) {
        return bank_->holds(view * entries_ + entry);
    };
    return told;
}

std::vector<std::int64_t> TrainingStep::bank_rows(const BatchView& batch) const {
    std::vector<std::int64_t> rows;
    if (!bank_) return rows;
    const std::int64_t view = views_.of_epoch(batch.position.epoch);
    for (const std::int64_t entry : batch.entries) rows.push_back(view * entries_ + entry);
    return rows;
}

GivenValues TrainingStep::given_of(
    const at::Tensor& input, std::span<const std::int64_t> rows, std::int64_t parts) {
    if (!frozen_) return {{0, input}};
    std::vector<at::Tensor> values;
    if (!bank_) {
        values = frozen_->values_of(input, parts);
    } else if (input.defined()) {
        // A resumed run computes them among other images. Rows that are known were not loaded.
        values = frozen_->even_values_of(input, parts);
        bank_->put(rows, values);
    }
    if (bank_ && bank_->holds(rows)) values = bank_->get(rows);
    GivenValues given;
    for (std::size_t i = 0; i < values.size(); ++i) given[frozen_->ends()[i]] = values[i];
    return given;
}

void TrainingStep::backward_part(
    const GivenValues& given, const Targets& rows, const Targets& batch, StepResult& result) {
    const std::vector<at::Tensor> outputs = execute(
        training_.graph, training_.weights, given, training_.compute.type(), outputs_, mode_);
    const at::Tensor logits = outputs[0].to(at::kFloat);
    at::Tensor loss = loss_(logits, rows, batch);
    result.loss += loss.detach();
    result.correct += logits.argmax(1).eq(rows.labels).sum();
    if (outputs.size() > 1) loss = loss + kAuxiliaryShare * loss_(outputs[1], rows, batch);
    loss.backward();
}

void TrainingStep::update(
    const StepResult& result, double learning_rate, const at::Tensor& diverged) {
    const double largest = training_.options.clip;
    if (largest > 0)  // as torch does
        optimizer_.scale_gradients((largest / (result.gradient_norm + 1e-6)).clamp_max(1));
    optimizer_.step(learning_rate, diverged);
}

}  // namespace georgia
