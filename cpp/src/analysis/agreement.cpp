#include "georgia/analysis/agreement.h"

#include <cmath>
#include <string>
#include <vector>

#include "georgia/base/error.h"

namespace georgia {

Agreement agreement(std::span<const std::int64_t> confusion, std::int64_t classes) {
    const auto k = static_cast<std::size_t>(classes);
    if (confusion.size() != k * k)
        throw InvalidOption(
            "agreement",
            "confusion",
            "not a matrix of so many classes",
            std::to_string(k * k),
            std::to_string(confusion.size()));
    std::vector<double> truths(k);
    std::vector<double> predictions(k);
    double count = 0;
    double correct = 0;
    double recalls = 0;
    double occurring = 0;
    for (std::size_t i = 0; i < k; ++i)
        for (std::size_t j = 0; j < k; ++j) {
            const auto cell = static_cast<double>(confusion[i * k + j]);
            truths[i] += cell;
            predictions[j] += cell;
            count += cell;
            if (i == j) correct += cell;
        }
    double by_chance = 0;  // all three are sums of products, in units of images squared
    double truths_squared = 0;
    double predictions_squared = 0;
    for (std::size_t i = 0; i < k; ++i) {
        by_chance += truths[i] * predictions[i];
        truths_squared += truths[i] * truths[i];
        predictions_squared += predictions[i] * predictions[i];
        if (truths[i] == 0) continue;
        occurring += 1;
        recalls += static_cast<double>(confusion[i * k + i]) / truths[i];
    }
    Agreement result;
    const double all = count * count;
    const double above_chance = correct * count - by_chance;
    const double spread = std::sqrt((all - truths_squared) * (all - predictions_squared));
    if (occurring > 0) result.balanced_accuracy = recalls / occurring;
    if (all > by_chance) result.kappa = above_chance / (all - by_chance);
    if (spread > 0) result.matthews = above_chance / spread;
    return result;
}

}  // namespace georgia
