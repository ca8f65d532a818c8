#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "georgia/analysis/metrics.h"
#include "georgia/base/progress.h"
#include "georgia/data/loader.h"
#include "georgia/engine/feature_bank.h"
#include "georgia/engine/inference.h"

#include "train/frozen.h"

namespace georgia {

/// Mean loss and scores on the validation split.
struct Validation {
    double loss = 0;  ///< mean cross-entropy in nats
    Scores scores;
};

/// The validation split of a phase, ready to be run again and again. What the frozen part of the
/// network gives for its images is kept, as far as memory allows, and then not computed again.
class Validator {
  public:
    /// Graph, samples and frozen part outlive it; the latter may be null.
    Validator(
        const Graph& graph,
        const Compute& compute,
        const std::vector<Sample>& samples,
        const Preprocess& preprocess,
        const LoaderOptions& loading,
        const FrozenPart* frozen,
        std::int64_t bank_bytes,
        const std::optional<BankFile>& bank_file = {});

    Validation run(const TensorMap& weights, Progress& progress);

    /// The two steps of run().
    void prepare(const TensorMap& weights);
    Validation run_prepared(Progress& progress);

  private:
    std::span<const std::int64_t> rows_of(std::int64_t first, std::int64_t count) const {
        return std::span(rows_).subspan(
            static_cast<std::size_t>(first), static_cast<std::size_t>(count));
    }

    /// Loads and computes what the bank does not hold.
    void run_images(Progress& progress);
    void run_bank(Progress& progress);

    /// Of the ends that are read.
    std::vector<at::Tensor> frozen_values(const at::Tensor& input) const;

    /// Adds the answers for rows from `first` on, whose values are given.
    void judge(const std::vector<at::Tensor>& given, std::int64_t first, Progress& progress);

    /// The work's result; done again in more parts where a GPU's memory is too small.
    template <class Work>
    auto in_parts(const at::Tensor& input, Work work);

    const Graph& graph_;
    Compute compute_;
    const std::vector<Sample>& samples_;
    const FrozenPart* frozen_;
    std::vector<NodeId> ends_;  // of it, that the logits follow from
    Loader loader_;
    std::vector<std::int64_t> rows_;  // 0, 1, 2 ...
    FeatureBank bank_;
    std::int64_t parts_ = 1;

    // of a run
    bool uses_frozen_ = false;
    std::optional<Inference> inference_;
    double loss_ = 0;  // summed over the images
    std::vector<std::int64_t> predictions_;
};

}  // namespace georgia
