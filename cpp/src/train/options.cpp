#include "georgia/train/options.h"

#include "georgia/base/error.h"

namespace georgia {

void Phase::validate() const {
    check_ranges(*this);
    if (trainable.empty())
        throw InvalidOption("options", "trainable", "empty; expected stage names or all");
}

void TrainOptions::validate() const {
    check_ranges(*this);
    if (phases.empty())
        throw InvalidOption("options", "phases", "empty; expected at least one phase");
    const bool is_drawn = imbalance.method == Imbalance::kSampler;
    if (bank_views > 0 && (mix.mixup > 0 || mix.cutmix > 0 || is_drawn))
        throw InvalidOption(
            "options",
            "bank_views",
            "views of single images are kept, which mixup, cutmix and the sampler do not have");
}

std::int64_t TrainOptions::total_epochs() const {
    std::int64_t total = 0;
    for (const Phase& phase : phases) total += phase.epochs;
    return total;
}

NetworkSpec TrainOptions::network_spec(std::int64_t classes) const {
    const std::int64_t size = phases[0].size;
    return {network, variant, head, preprocess.channels, classes, size, size};
}

Preprocess TrainOptions::preprocess_of(const Phase& phase) const {
    Preprocess result = preprocess;
    result.height = phase.size;
    result.width = phase.size;
    result.fit = phase.fit;
    return result;
}

}  // namespace georgia
