#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "georgia/image/geometry.h"
#include "georgia/train/schedule.h"

namespace georgia {

/// A stretch of training with fixed settings. A list of them expresses freezing, gradual
/// unfreezing, one-cycle and progressive resizing.
struct Phase {
    std::int64_t epochs = 10;
    std::int64_t size = 128;
    Fit fit = Fit::kStretch;
    std::int64_t batch = 32;
    std::vector<std::string> trainable{"all"};
    bool train_norm = false;
    double learning_rate = 1e-3;
    Schedule schedule = Schedule::kOneCycle;

    static constexpr auto fields() {
        using P = Phase;
        return std::tuple{
            Field<P, std::int64_t>{
                "epochs", &P::epochs, "epochs", "passes over the images", 1, 1e6},
            Field<P, std::int64_t>{"size", &P::size, "pixels", "height and width", 8, 4096},
            Field<P, Fit>{"fit", &P::fit, "", "stretch, pad, crop or window"},
            Field<P, std::int64_t>{"batch", &P::batch, "images", "at most, in one step", 2, 65536},
            Field<P, std::vector<std::string>>{
                "trainable",
                &P::trainable,
                "",
                "names of stages, all, or last:F, a share of the layers from the end"},
            Field<P, bool>{
                "train_norm", &P::train_norm, "", "frozen batch normalisation follows the batch"},
            Field<P, double>{"learning_rate", &P::learning_rate, "", "at its highest", 1e-9, 1e9},
            Field<P, Schedule>{
                "schedule", &P::schedule, "", "constant, step, cosine, one_cycle or plateau"}};
    }

    void validate() const;

    bool operator==(const Phase&) const = default;
};

}  // namespace georgia
