#pragma once

#include <ATen/ATen.h>
#include <filesystem>
#include <memory>
#include <vector>

#include "georgia/image/synthetic.h"
#include "georgia/nn/weights.h"
#include "georgia/train/checkpoint.h"
#include "georgia/train/trainer.h"

#include "catch.h"

namespace georgia {

inline std::vector<Sample> crystals(std::uint32_t per_class, std::uint32_t first) {
    std::vector<Sample> samples;
    for (std::int64_t label = 0; label < 2; ++label)
        for (std::uint32_t i = 0; i < per_class; ++i)
            samples.push_back(
                {std::make_shared<const Image>(draw_crystals(label, 40, 1, first + i)), label});
    return samples;
}

inline TrainJob job_in(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    return {folder, {"needles", "plates"}, crystals(6, 0), crystals(2, 50), "hash", "{}", {}};
}

inline TrainOptions quick() {
    TrainOptions options;
    options.network = "small_cnn";
    options.threads = 2;
    Phase head;
    head.epochs = 1;
    head.size = 32;
    head.batch = 4;
    head.trainable = {"head"};
    Phase all = head;
    all.epochs = 2;
    all.trainable = {"all"};
    options.phases = {head, all};
    return options;
}

/// Stops after a number of batches, those of validations counted too if they are to be.
class StopAfter : public TrainObserver {
  public:
    explicit StopAfter(int batches, bool in_validation = false)
        : left_(batches), in_validation_(in_validation) {}

    bool advance(const ProgressStep& step) override {
        return (step.stage != "train" && !in_validation_) || --left_ > 0;
    }

  private:
    int left_;
    bool in_validation_;
};

/// Names and bytes of all tensors of the last checkpoint, but for the history, which has times.
inline TensorMap final_state(const TrainJob& job) {
    TensorMap tensors = read_weights(job.folder / "checkpoint.safetensors").tensors;
    tensors.erase("history");
    return tensors;
}

/// Everything at once that has a state or draws random numbers.
inline TrainOptions rich() {
    TrainOptions options = quick();
    options.head = head_preset("concat");
    options.mix.mixup = options.mix.cutmix = 0.5;
    options.label_smoothing = 0.1;
    options.imbalance.method = Imbalance::kBalance;
    options.imbalance.balance_to = 7;
    options.ema = 0.9;
    options.clip = 1;
    options.accumulate = 2;
    options.layer_decay = 0.8;
    options.validate_every = 3;
    options.stop.early = true;
    options.stop.patience = 4;
    options.stop.min_delta = 100;  // no gain is large enough: it ends after the fifth validation
    options.phases[1].schedule = Schedule::kPlateau;
    options.rates.patience = 0;
    return options;
}

inline std::vector<EpochRecord> history_of(const TrainJob& job) {
    return read_checkpoint(job.folder / "checkpoint.safetensors").history;
}

inline void check_equal(const TensorMap& a, const TensorMap& b) {
    REQUIRE(a.size() == b.size());
    for (const auto& [name, tensor] : a) {
        INFO(name);
        CHECK(at::equal(tensor, b.at(name)));
    }
}

}  // namespace georgia
