#include "georgia/analysis/neighbours.h"

#include <algorithm>
#include <cmath>

#include "georgia/base/error.h"

#include "analysis/class_indices.h"

namespace georgia {
namespace {

/// Columns to mean 0 and deviation 1; a constant column to 0.
std::vector<double> standardised(
    std::span<const double> features, std::size_t rows, std::size_t columns) {
    std::vector<double> result(features.begin(), features.end());
    for (std::size_t column = 0; column < columns; ++column) {
        double mean = 0;
        double square = 0;
        for (std::size_t i = 0; i < rows; ++i) mean += features[i * columns + column];
        mean /= static_cast<double>(rows);
        for (std::size_t i = 0; i < rows; ++i) {
            const double off = features[i * columns + column] - mean;
            square += off * off;
        }
        const double deviation = std::sqrt(square / static_cast<double>(rows));
        const double scale = deviation > 1e-12 ? 1 / deviation : 0;
        for (std::size_t i = 0; i < rows; ++i) {
            double& value = result[i * columns + column];
            value = (value - mean) * scale;
        }
    }
    return result;
}

}  // namespace

std::vector<std::int64_t> cross_validated_neighbours(
    std::span<const double> features,
    std::span<const std::int64_t> labels,
    std::span<const std::int64_t> folds,
    std::int64_t classes,
    int k) {
    const std::size_t rows = labels.size();
    if (rows == 0 || folds.size() != rows || features.size() % rows != 0 || k < 1)
        throw InvalidOption("neighbours", "", "expected one row of features and a fold per label");
    check_class_indices("neighbours", "labels", labels, classes);
    const std::size_t columns = features.size() / rows;
    const std::vector<double> points = standardised(features, rows, columns);

    std::vector<std::int64_t> predictions;
    std::vector<double> distances(rows);
    std::vector<double> sorted;
    for (std::size_t i = 0; i < rows; ++i) {
        sorted.clear();
        for (std::size_t j = 0; j < rows; ++j) {
            if (folds[j] == folds[i]) continue;
            double sum = 0;
            for (std::size_t c = 0; c < columns; ++c) {
                const double off = points[i * columns + c] - points[j * columns + c];
                sum += off * off;
            }
            distances[j] = sum;
            sorted.push_back(sum);
        }
        const auto nearest = std::min(sorted.size(), static_cast<std::size_t>(k));
        std::vector<std::int64_t> votes(static_cast<std::size_t>(classes));
        if (nearest > 0) {
            const auto last = sorted.begin() + static_cast<std::ptrdiff_t>(nearest) - 1;
            std::ranges::nth_element(sorted, last);
            for (std::size_t j = 0; j < rows; ++j)
                if (folds[j] != folds[i] && distances[j] <= *last)
                    ++votes[static_cast<std::size_t>(labels[j])];
        }
        predictions.push_back(std::ranges::max_element(votes) - votes.begin());
    }
    return predictions;
}

}  // namespace georgia
