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
#include "georgia/train/loss.h"
#include "georgia/train/mix.h"
#include "georgia/train/phase.h"
#include "georgia/train/schedule.h"
#include "georgia/train/stopping.h"

namespace georgia {

enum class OptimizerKind { kAdamW, kSgd };
template <>
struct EnumNames<OptimizerKind> {
    static constexpr std::array<std::string_view, 2> kNames{"adamw", "sgd"};
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
    bool nesterov = false;
    double weight_decay = 0.01;
    double layer_decay = 1;
    double clip = 0;
    std::int64_t accumulate = 1;
    RateOptions rates;
    std::vector<Phase> phases{Phase{}};
    AugmentOptions augment;
    MixOptions mix;
    double label_smoothing = 0;
    ImbalanceOptions imbalance;
    double ema = 0;
    StopOptions stop;
    Metric best = Metric::kValidationAccuracy;
    std::int64_t validate_every = 0;
    double save_minutes = 10;
    std::int64_t bank_views = 0;
    std::int64_t bank_mib = 1024;
    std::string bank_folder;
    std::int64_t cache_mib = 512;
    std::int64_t device_mib = 0;  // until it has been tried on a GPU
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
            Field<T, bool>{"nesterov", &T::nesterov, "", "sgd: Nesterov's momentum"},
            Field<T, double>{
                "weight_decay", &T::weight_decay, "", "of convolution and linear weights", 0, 10},
            Field<T, double>{
                "layer_decay",
                &T::layer_decay,
                "",
                "of the learning rate, per stage away from the head",
                0.01,
                1},
            Field<T, double>{"clip", &T::clip, "", "largest norm of the gradient; 0: any", 0, 1e9},
            Field<T, std::int64_t>{
                "accumulate",
                &T::accumulate,
                "parts",
                "that a batch is computed in, for want of memory",
                1,
                1024},
            Field<T, RateOptions>{"rates", &T::rates, "", "details of the schedules"},
            Field<T, std::vector<Phase>>{"phases", &T::phases, "", "run one after another"},
            Field<T, AugmentOptions>{"augment", &T::augment, "", "random changes in training"},
            Field<T, MixOptions>{"mix", &T::mix, "", "mixup and cutmix"},
            Field<T, double>{
                "label_smoothing",
                &T::label_smoothing,
                "",
                "share of each target that is spread over all classes",
                0,
                0.99},
            Field<T, ImbalanceOptions>{
                "imbalance", &T::imbalance, "", "what is done about classes of unequal size"},
            Field<T, double>{
                "ema",
                &T::ema,
                "",
                "decay a step of the averaged weights that are validated and kept; 0: off",
                0,
                0.99999},
            Field<T, StopOptions>{"stop", &T::stop, "", "ending before the last epoch"},
            Field<T, Metric>{"best", &T::best, "", "whose best weights are kept"},
            Field<T, std::int64_t>{
                "validate_every",
                &T::validate_every,
                "steps",
                "between validations within an epoch; 0: at its end alone",
                0,
                1e9},
            Field<T, double>{
                "save_minutes", &T::save_minutes, "min", "between checkpoints, at most", 0, 1e6},
            Field<T, std::int64_t>{
                "bank_views",
                &T::bank_views,
                "views",
                "of each image that epochs repeat, frozen stages computed once; 0: all anew",
                0,
                100'000},
            Field<T, std::int64_t>{
                "bank_mib",
                &T::bank_mib,
                "MiB",
                "at most, for what frozen stages give of a split",
                0,
                1'000'000'000},
            Field<T, std::string>{
                "bank_folder",
                &T::bank_folder,
                "",
                "where that is kept for later runs too, as files found by what they hold; empty: "
                "in memory alone"},
            Field<T, std::int64_t>{
                "cache_mib",
                &T::cache_mib,
                "MiB",
                "of memory, at most, for decoded images between epochs; 0: decoded each time",
                0,
                1'000'000'000},
            Field<T, std::int64_t>{
                "device_mib",
                &T::device_mib,
                "MiB",
                "of a GPU, at most, for the training images, which it then augments itself; 0: "
                "they come from the CPU",
                0,
                1'000'000'000},
            Field<T, Preprocess>{
                "preprocess", &T::preprocess, "", "size and fit come from the phase"},
            Field<T, DecodeLimits>{"limits", &T::limits, "", "what an image file may ask for"}};
    }

    void validate() const;

    bool operator==(const TrainOptions&) const = default;

    /// Epochs of all phases together.
    std::int64_t total_epochs() const;

    std::int64_t bank_bytes() const {
        return bank_mib << 20;
    }

    /// The network for so many classes.
    NetworkSpec network_spec(std::int64_t classes) const;

    /// The base value with a phase's size and fit.
    Preprocess preprocess_of(const Phase& phase) const;
};

}  // namespace georgia
