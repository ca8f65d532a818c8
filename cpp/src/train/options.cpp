#include "georgia/train/options.h"

#include <array>
#include <string>
#include <utility>

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
    const std::array in_company{
        std::pair{mix.mixup > 0, "mixup"},
        std::pair{mix.cutmix > 0, "cutmix"},
        std::pair{imbalance.method == Imbalance::kSampler, "the sampler"}};
    for (const auto& [is_on, name] : in_company)
        if (is_on && bank_views > 0)
            throw InvalidOption(
                "options",
                "bank_views",
                "images come in other company in each epoch",
                std::string("0 with ") + name,
                std::to_string(bank_views));
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
