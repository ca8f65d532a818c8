#pragma once

#include <ATen/core/Tensor.h>
#include <array>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <vector>

#include "georgia/base/options.h"

namespace georgia {

/// What is done about classes of unequal size; in training alone.
enum class Imbalance {
    kNone,
    kClassWeights,     ///< a sample counts as N / (K N_k) in the batch's weighted mean
    kSampler,          ///< samples are drawn with replacement, every class as often
    kFocal,            ///< focal loss (Lin et al., ICCV 2017)
    kLogitAdjustment,  ///< log priors are added to the logits (Menon et al., ICLR 2021)
    kBalance           ///< augmented copies up to balance_to images a class
};
template <>
struct EnumNames<Imbalance> {
    static constexpr std::array<std::string_view, 6> kNames{
        "none", "class_weights", "sampler", "focal", "logit_adjustment", "balance"};
};

struct ImbalanceOptions {
    Imbalance method = Imbalance::kNone;
    double gamma = 2;
    double adjustment = 1;
    std::int64_t balance_to = 0;

    static constexpr auto fields() {
        using I = ImbalanceOptions;
        return std::tuple{
            Field<I, Imbalance>{
                "method",
                &I::method,
                "",
                "none, class_weights, sampler, focal, logit_adjustment or balance"},
            Field<I, double>{"gamma", &I::gamma, "", "focal: exponent of 1 - p", 0, 10},
            Field<I, double>{
                "adjustment", &I::adjustment, "", "logit_adjustment: of the log priors", 0, 10},
            Field<I, std::int64_t>{
                "balance_to",
                &I::balance_to,
                "images",
                "balance: of a class in an epoch; 0: as many as the largest has",
                0,
                1e9}};
    }

    void validate() const {
        check_ranges(*this);
    }

    bool operator==(const ImbalanceOptions&) const = default;
};

/// Targets of a batch: labels, and for mixed images a second label and the first one's share.
struct Targets {
    at::Tensor labels;  // (N) int64
    at::Tensor others;  // (N) int64; undefined: not mixed
    double share = 1;

    /// Those of some rows.
    Targets rows(std::int64_t first, std::int64_t end) const;
};

/// The training loss of logits (N, K).
class Loss {
  public:
    /// Counts are those of the classes in the training split.
    Loss(
        const ImbalanceOptions& options,
        double label_smoothing,
        const std::vector<std::int64_t>& counts,
        at::Device device);

    /// The mean over a batch of which these are some rows or all: the parts of a batch add up to
    /// the loss of the whole.
    at::Tensor operator()(
        const at::Tensor& logits, const Targets& rows, const Targets& batch) const;

  private:
    at::Tensor of_labels(
        const at::Tensor& logits, const at::Tensor& labels, const at::Tensor& batch) const;

    double smoothing_;
    double gamma_ = 0;        ///< 0: no focal factor
    at::Tensor weights_;      // (K); undefined: every sample counts alike
    at::Tensor adjustments_;  // (K); undefined: none
};

}  // namespace georgia
