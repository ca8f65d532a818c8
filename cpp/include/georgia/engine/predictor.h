#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "georgia/base/progress.h"
#include "georgia/data/sample.h"
#include "georgia/engine/inference.h"
#include "georgia/engine/model_file.h"

namespace georgia {

struct PredictOptions {
    std::int64_t batch = 32;
    int threads = 0;  ///< that decode; 0: as many as usable cores
    DecodeLimits limits;
    bool tta = false;  ///< test-time augmentation: the mean over turns and mirrorings
};

/// One row of numbers and one error text per image, in order.
struct ImageRows {
    std::int64_t width = 0;           // D
    std::vector<float> values;        // (N, D) float32; 0 where there is an error
    std::vector<std::string> errors;  // (N) empty where the image was good
};

/// Loads images batch by batch and lets `work` turn each, (N, C, H, W) normalised, into rows
/// (N, D) of that width. A bad image becomes a row with an error; only the system's or our own
/// failures throw.
ImageRows stream_rows(
    std::vector<Sample> inputs,
    const Preprocess& preprocess,
    const PredictOptions& options,
    const Compute& compute,
    Progress& progress,
    std::int64_t width,
    const std::function<at::Tensor(const at::Tensor&)>& work);

/// A model at work on images; the preprocessing is the one it was trained with. Several threads may
/// use it at once.
class Predictor {
  public:
    Predictor(const ModelFile& model, const Compute& compute);

    const Compute& compute() const {
        return compute_;
    }

    /// How the logits are computed, with times if asked.
    std::vector<PlanStep> plan(bool is_timed);

    std::int64_t classes() const {
        return graph_.channels_of(graph_.output());
    }

    /// Probabilities of the classes (K), by the temperature where there is one; behind them the
    /// outlier scores in the order of OutlierScore, where the model has what they need; behind
    /// those, with test-time augmentation, the instability: how far apart the answered class's
    /// probabilities are among the turns.
    ImageRows predict(
        std::vector<Sample> inputs, const PredictOptions& options, Progress& progress);

    /// What a stage or a node gives, planes averaged; "features" is what the last layer sees.
    ImageRows embed(
        std::vector<Sample> inputs,
        std::string_view stage,
        const PredictOptions& options,
        Progress& progress);

    /// Numbers in what the last layer sees, planes averaged.
    std::int64_t features() const {
        return graph_.channels_of(graph_.find("features"));
    }

    /// What the last layer sees (D), if it is asked for, and behind it the logits (K) as outlier
    /// scores take them.
    ImageRows features_and_logits(
        std::vector<Sample> inputs,
        bool has_features,
        const PredictOptions& options,
        Progress& progress);

    /// Logits, (N, K) float32, of normalised input (N, C, H, W) float32, C-ordered.
    std::vector<float> logits(std::span<const float> input, const std::vector<std::int64_t>& shape);

  private:
    using Plan = std::shared_ptr<const Inference>;

    /// The plan that ends at nodes. That of predictions is kept, and the last of others.
    Plan inference_to(const std::vector<NodeId>& nodes);

    /// Logits as outlier scores take them: of a head with one logit (0, z) about their middle, so
    /// that both classes count alike.
    at::Tensor evidence(const at::Tensor& logits) const;

    Compute compute_;
    Preprocess preprocess_;
    Graph graph_;
    TensorMap weights_;
    bool has_one_logit_ = false;
    double temperature_ = 1;
    std::optional<OutlierModel> outliers_;
    std::vector<NodeId> answer_;  ///< where predictions end: the logits, before them features
    std::mutex mutex_;
    Plan to_answer_;
    std::vector<NodeId> other_nodes_;
    Plan to_others_;
};

}  // namespace georgia
