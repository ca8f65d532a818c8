#include "georgia/analysis/calibration.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "georgia/base/error.h"

#include "analysis/class_indices.h"

namespace georgia {
namespace {

constexpr double kMost = 100;  // of a temperature and of its inverse
constexpr int kSteps = 60;

/// Mean log loss at an inverse temperature, with its first two derivatives by that.
struct Loss {
    double value = 0;
    double slope = 0;
    double curvature = 0;
};

Loss loss_at(
    double inverse,
    std::span<const float> logits,
    std::size_t classes,
    std::span<const std::int64_t> labels) {
    Loss loss;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto row = logits.subspan(i * classes, classes);
        const double largest = *std::ranges::max_element(row);
        double sum = 0;
        double first = 0;  // moments of the logits, less the largest, under their probabilities
        double second = 0;
        for (const float logit : row) {
            const double z = logit - largest;
            const double weight = std::exp(inverse * z);
            sum += weight;
            first += weight * z;
            second += weight * z * z;
        }
        first /= sum;
        second /= sum;
        const double own = row[static_cast<std::size_t>(labels[i])] - largest;
        loss.value += std::log(sum) - inverse * own;
        loss.slope += first - own;
        loss.curvature += second - first * first;
    }
    const auto count = static_cast<double>(labels.size());
    return {loss.value / count, loss.slope / count, loss.curvature / count};
}

/// Where bins end among confidences that rise, exclusive.
std::vector<std::size_t> ends_of(
    const std::vector<double>& rising, Binning binning, std::size_t bins) {
    std::vector<std::size_t> ends;
    for (std::size_t bin = 1; bin <= bins; ++bin) {
        const double part = static_cast<double>(bin) / static_cast<double>(bins);
        std::size_t end = rising.size() * bin / bins;
        if (binning == Binning::kEqualWidth)
            end = static_cast<std::size_t>(std::ranges::upper_bound(rising, part) - rising.begin());
        else  // equal confidences stay together
            while (end > 0 && end < rising.size() && rising[end] == rising[end - 1]) ++end;
        ends.push_back(bin == bins ? rising.size() : end);
    }
    return ends;
}

}  // namespace

Temperature fit_temperature(
    std::span<const float> logits, std::int64_t classes, std::span<const std::int64_t> labels) {
    check_rows("fit_temperature", logits, classes, labels);
    if (labels.empty()) throw InvalidOption("fit_temperature", "labels", "there are none");
    for (const float logit : logits)
        if (!std::isfinite(logit))
            throw InvalidOption("fit_temperature", "logits", "not a finite number");
    const auto k = static_cast<std::size_t>(classes);
    double low =
        1 / kMost;  // the slope is negative here, positive at the other end, or it ends there
    double high = kMost;
    double inverse = 1;
    for (int step = 0; step < kSteps; ++step) {
        const Loss loss = loss_at(inverse, logits, k, labels);
        (loss.slope <= 0 ? low : high) = inverse;
        const double newton = inverse - loss.slope / std::max(loss.curvature, 1e-300);
        // Newton's steps are small where all is right and the loss falls for ever.
        const bool is_within = newton > low && newton < high && step % 3 != 2;
        const double next = is_within ? newton : std::sqrt(low * high);
        if (std::abs(next - inverse) < 1e-12 * inverse) break;
        inverse = next;
    }
    Temperature found;
    found.value = 1 / inverse;
    found.log_loss_before = loss_at(1, logits, k, labels).value;
    found.log_loss_after = loss_at(inverse, logits, k, labels).value;
    found.is_bounded = inverse < 1.001 / kMost || inverse > 0.999 * kMost;
    return found;
}

Calibration calibrate(
    std::span<const float> confidences,
    std::span<const bool> is_right,
    Binning binning,
    std::int64_t bins) {
    if (bins < 1 || confidences.size() != is_right.size())
        throw InvalidOption("calibrate", "bins", "one at least, and an answer for each confidence");
    std::vector<std::size_t> order(confidences.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(
        order, [&](std::size_t a, std::size_t b) { return confidences[a] < confidences[b]; });
    std::vector<double> rising;
    for (const std::size_t i : order) {
        if (!(confidences[i] >= 0 && confidences[i] <= 1))
            throw InvalidOption(
                "calibrate",
                "confidences",
                "out of range",
                "0 to 1",
                std::to_string(static_cast<double>(confidences[i])));
        rising.push_back(confidences[i]);
    }

    Calibration result;
    const auto count = static_cast<double>(rising.size());
    double square = 0;
    std::size_t begin = 0;
    for (const std::size_t end : ends_of(rising, binning, static_cast<std::size_t>(bins))) {
        ReliabilityBin bin;
        const auto number = static_cast<double>(result.bins.size());
        bin.low = number / static_cast<double>(bins);
        bin.high = (number + 1) / static_cast<double>(bins);
        if (binning == Binning::kEqualMass && begin < end) {
            bin.low = rising[begin];
            bin.high = rising[end - 1];
        }
        for (std::size_t i = begin; i < end; ++i) {
            bin.confidence += rising[i];
            bin.correct += is_right[order[i]] ? 1 : 0;
        }
        bin.count = static_cast<std::int64_t>(end - begin);
        if (bin.count > 0) {
            const auto images = static_cast<double>(bin.count);
            bin.confidence /= images;
            const double accuracy = static_cast<double>(bin.correct) / images;
            const double gap = accuracy - bin.confidence;
            result.error += images / count * std::abs(gap);
            if (bin.count > 1)
                square += images / count * (gap * gap - accuracy * (1 - accuracy) / (images - 1));
        }
        result.bins.push_back(bin);
        begin = end;
    }
    result.debiased = std::sqrt(std::max(0.0, square));
    return result;
}

double log_loss_at(
    double temperature,
    std::span<const float> logits,
    std::int64_t classes,
    std::span<const std::int64_t> labels) {
    check_rows("log_loss_at", logits, classes, labels);
    return loss_at(1 / temperature, logits, static_cast<std::size_t>(classes), labels).value;
}

std::vector<float> tempered(std::span<const float> rows, std::int64_t classes, double power) {
    std::vector<float> values(rows.begin(), rows.end());
    const auto width = static_cast<std::size_t>(classes);
    for (std::size_t start = 0; start < values.size(); start += width) {
        const std::span row(&values[start], width);
        const double largest = *std::ranges::max_element(row);
        if (largest <= 0) continue;
        double sum = 0;
        for (const float value : row) sum += std::pow(value / largest, power);
        for (float& value : row) value = static_cast<float>(std::pow(value / largest, power) / sum);
    }
    return values;
}

}  // namespace georgia
