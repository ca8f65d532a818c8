#pragma once

#include <array>
#include <string>
#include <tuple>
#include <vector>

#include "georgia/image/augment.h"
#include "georgia/image/decode.h"
#include "georgia/image/preprocess.h"
#include "georgia/nn/network_spec.h"
#include "georgia/nn/precision.h"

namespace georgia {

enum class Schedule { kConstant, kCosine, kOneCycle };
template <>
struct EnumNames<Schedule> {
    static constexpr std::array<std::string_view, 3> kNames{"constant", "cosine", "one_cycle"};
};

enum class OptimizerKind { kAdamW, kSgd };
template <>
struct EnumNames<OptimizerKind> {
    static constexpr std::array<std::string_view, 2> kNames{"adamw", "sgd"};
};

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
            Field<P, Fit>{"fit", &P::fit, "", "stretch, pad or crop"},
            Field<P, std::int64_t>{"batch", &P::batch, "images", "at most, in one step", 2, 65536},
            Field<P, std::vector<std::string>>{
                "trainable", &P::trainable, "", "names of stages, or all"},
            Field<P, bool>{
                "train_norm", &P::train_norm, "", "frozen batch normalisation follows the batch"},
            Field<P, double>{"learning_rate", &P::learning_rate, "", "at its highest", 1e-9, 1e9},
            Field<P, Schedule>{"schedule", &P::schedule, "", "constant, cosine or one_cycle"}};
    }

    void validate() const;

    bool operator==(const Phase&) const = default;
};

/// Everything that decides a training, data aside.
struct TrainOptions {
    std::string network = "resnet18";
    std::string variant = "torchvision";
    HeadOptions head;
    std::string weights = "none";
    std::int64_t seed = 42;
    PrecisionRequest precision = PrecisionRequest::kAuto;
    std::string device = "auto";
    std::int64_t threads = 0;
    OptimizerKind optimizer = OptimizerKind::kAdamW;
    double momentum = 0.9;
    double weight_decay = 0.01;
    std::vector<Phase> phases{Phase{}};
    AugmentOptions augment;
    Preprocess preprocess;
    DecodeLimits limits;

    static constexpr auto fields() {
        using T = TrainOptions;
        constexpr double kLargestWhole = 9007199254740992;  // 2^53: exact in JSON everywhere
        return std::tuple{
            Field<T, std::string>{"network", &T::network, "", "name of an architecture"},
            Field<T, std::string>{"variant", &T::variant, "", "torchvision or keras"},
            Field<T, HeadOptions>{"head", &T::head, "", "the classifier on top of the network"},
            Field<T, std::string>{
                "weights",
                &T::weights,
                "",
                "where the first weights came from: none, imagenet, file"},
            Field<T, std::int64_t>{
                "seed", &T::seed, "", "of every random number", 0, kLargestWhole},
            Field<T, PrecisionRequest>{"precision", &T::precision, "", "auto, float32 or bfloat16"},
            Field<T, std::string>{"device", &T::device, "", "auto, cpu, cuda or cuda:N"},
            Field<T, std::int64_t>{
                "threads", &T::threads, "threads", "that compute; 0: every usable core", 0, 1024},
            Field<T, OptimizerKind>{"optimizer", &T::optimizer, "", "adamw or sgd"},
            Field<T, double>{"momentum", &T::momentum, "", "of sgd; beta 1 of adamw", 0, 0.9999},
            Field<T, double>{
                "weight_decay", &T::weight_decay, "", "of convolution and linear weights", 0, 10},
            Field<T, std::vector<Phase>>{"phases", &T::phases, "", "run one after another"},
            Field<T, AugmentOptions>{
                "augment", &T::augment, "", "random changes of the training images"},
            Field<T, Preprocess>{
                "preprocess", &T::preprocess, "", "size and fit come from the phase"},
            Field<T, DecodeLimits>{"limits", &T::limits, "", "what an image file may ask for"}};
    }

    void validate() const;

    bool operator==(const TrainOptions&) const = default;

    /// Epochs of all phases together.
    std::int64_t total_epochs() const;

    /// The network for so many classes.
    NetworkSpec network_spec(std::int64_t classes) const;

    /// The base value with a phase's size and fit.
    Preprocess preprocess_of(const Phase& phase) const;
};

}  // namespace georgia
