#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "georgia/data/batch.h"
#include "georgia/engine/device_augment.h"
#include "georgia/engine/feature_bank.h"
#include "georgia/image/preprocess.h"
#include "georgia/nn/execute.h"
#include "georgia/nn/precision.h"
#include "georgia/train/loss.h"
#include "georgia/train/optimizer.h"
#include "georgia/train/options.h"

#include "train/frozen.h"

namespace georgia {

/// The network, and on what its training works; all outlive the step.
struct Training {
    const Graph& graph;
    TensorMap& weights;
    const TrainOptions& options;
    const std::vector<Sample>& samples;
    const std::vector<std::int64_t>& class_counts;  // (K), of the samples
    Compute compute;
};

/// What a step tells, as () tensors on its device.
struct StepResult {
    at::Tensor loss;     ///< mean over the batch, as trained on, float64
    at::Tensor correct;  ///< int64
    at::Tensor gradient_norm;
};

/// Turns one batch after another into updates of the weights, within a phase.
class TrainingStep {
  public:
    /// Marks the phase's stages as trainable.
    TrainingStep(const Training& training, const Phase& phase);

    /// Sets every gradient from a batch; weights stay as they are, running statistics move. The
    /// result may be not finite. A batch that does not fit into a GPU's memory is done again in
    /// more parts; throws InvalidOption where two images do not fit.
    StepResult backward(const BatchView& batch);

    /// True where there is a frozen part and the options' memory holds what it gives of the views.
    bool could_keep_views(std::int64_t entries) const;

    /// From now on the frozen part is computed once for each of a few views of an epoch's entries,
    /// and then kept, as far as the options' memory allows. Gives what the loader must know; the
    /// step outlives it.
    ViewOptions keep_views(
        std::int64_t entries, std::int64_t first_epoch, const std::optional<BankFile>& file = {});

    /// From now on the step makes batches itself from images that lie on its device; the loader
    /// needs to tell their order alone.
    void take_images(DeviceImages images) {
        images_.emplace(std::move(images));
    }

    /// Of a batch, whose gradients are added up: what the options say, or more.
    std::int64_t parts() const {
        return parts_;
    }

    /// Clips the gradients and moves the weights, unless `diverged`, () float32, is 1; the
    /// gradients are cleared.
    void update(const StepResult& result, double learning_rate, const at::Tensor& diverged);

    Optimizer& optimizer() {
        return optimizer_;
    }

    TrainingStep(TrainingStep&&) = delete;  // a loader asks its bank

    const Preprocess& preprocess() const {
        return preprocess_;
    }

    /// The stages before the first that is trained; null if there are none.
    const FrozenPart* frozen() const {
        return frozen_ ? &*frozen_ : nullptr;
    }

  private:
    StepResult backward_in_parts(const BatchView& batch);

    /// The network's input for a batch.
    at::Tensor input_of(const BatchView& batch) const;

    /// Rows of the bank that hold a batch's views.
    std::vector<std::int64_t> bank_rows(const BatchView& batch) const;

    /// What the network's computing begins with for a batch: its input, or what the frozen part
    /// gives of it. The input is undefined where the bank holds all of that.
    GivenValues given_of(
        const at::Tensor& input, std::span<const std::int64_t> rows, std::int64_t parts);

    /// Adds the gradients of some rows of a batch, and their share of the result.
    void backward_part(
        const GivenValues& given, const Targets& rows, const Targets& batch, StepResult& result);

    Training training_;
    Preprocess preprocess_;
    std::vector<NodeId> outputs_;  // the logits, and those of the second classifier
    ExecuteMode mode_;
    std::optional<DeviceImages> images_;  // none where the loader brings pixels
    std::optional<FeatureBank> bank_;
    ViewOptions views_;
    std::int64_t entries_ = 0;
    std::optional<FrozenPart> frozen_;  // none where a stage is trained from the first on
    Loss loss_;
    Optimizer optimizer_;
    std::int64_t parts_;
    std::vector<at::Tensor> statistics_;       // the running ones that a batch moves
    std::vector<at::Tensor> kept_statistics_;  // as they were before the batch
};

}  // namespace georgia
