#include "georgia/analysis/calibration.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "georgia/base/error.h"
#include "georgia/base/random.h"

#include "catch.h"

using namespace georgia;

namespace {

/// Logits whose labels are drawn by their softmax, then all multiplied.
struct Answers {
    std::vector<float> logits;
    std::vector<std::int64_t> labels;

    Answers(double factor, int count) {
        RandomStream random({3, 0, 0, Purpose::kSynthetic});
        for (int i = 0; i < count; ++i) {
            std::array<double, 3> row{};
            double sum = 0;
            for (double& logit : row) {
                logit = 2 * random.normal();
                sum += std::exp(logit);
            }
            double place = random.uniform() * sum;
            std::int64_t label = 0;
            while (label < 2 && place > std::exp(row[static_cast<std::size_t>(label)]))
                place -= std::exp(row[static_cast<std::size_t>(label++)]);
            labels.push_back(label);
            for (const double logit : row) logits.push_back(static_cast<float>(factor * logit));
        }
    }
};

}  // namespace

TEST_CASE("a temperature that was put in is found again") {
    for (const double factor : {0.25, 1.0, 3.0}) {
        const Answers answers(factor, 20'000);
        const Temperature found = fit_temperature(answers.logits, 3, answers.labels);
        CHECK(found.value == Approx(factor).epsilon(0.03));  // of 20,000 labels drawn
        CHECK(found.log_loss_after <= found.log_loss_before);
        CHECK_FALSE(found.is_bounded);
    }
}

TEST_CASE("no step of the temperature would make the loss less") {
    const Answers answers(2.0, 50);
    const double best = fit_temperature(answers.logits, 3, answers.labels).value;
    const auto loss = [&](double temperature) {
        std::vector<float> divided = answers.logits;
        for (float& logit : divided) logit = static_cast<float>(logit / temperature);
        return fit_temperature(divided, 3, answers.labels).log_loss_before;
    };
    CHECK(loss(best) <= loss(1.02 * best));
    CHECK(loss(best) <= loss(0.98 * best));
}

TEST_CASE("where all is right or nothing is known the temperature ends at its bound") {
    const Temperature sure =
        fit_temperature(std::vector{2.0F, 0.0F, 0.0F, 2.0F}, 2, std::vector<std::int64_t>{0, 1});
    CHECK(sure.is_bounded);
    CHECK(sure.value < 0.02);
    const Temperature wrong =
        fit_temperature(std::vector{2.0F, 0.0F}, 2, std::vector<std::int64_t>{1});
    CHECK(wrong.is_bounded);
    CHECK(wrong.value > 50);
    CHECK_THROWS_AS(
        fit_temperature(std::vector<float>{}, 2, std::vector<std::int64_t>{}), InvalidOption);
}

TEST_CASE("the calibration error equals a count by hand") {
    const std::array confidences{0.55F, 0.58F, 0.95F, 0.91F};
    const std::array is_right{true, false, true, true};
    const Calibration found = calibrate(confidences, is_right, Binning::kEqualWidth, 10);
    REQUIRE(found.bins.size() == 10);
    CHECK(found.bins[5].count == 2);
    CHECK(found.bins[9].count == 2);
    CHECK(found.bins[9].confidence == Approx(0.93));
    CHECK(found.error == Approx(0.5 * 0.065 + 0.5 * 0.07));
    const double first = 0.065 * 0.065 - 0.25;
    CHECK(
        found.debiased ==
        Approx(std::sqrt(std::max(0.0, 0.5 * (first + 0.07 * 0.07)))).margin(1e-12));
    // Of four images at 0.9 one is right: 0.65 squared, less 0.25 * 0.75 / 3 by chance.
    const std::vector<float> sure(4, 0.9F);
    const std::array one_right{true, false, false, false};
    CHECK(calibrate(sure, one_right, Binning::kEqualWidth, 10).debiased == Approx(0.6));
}

TEST_CASE("bins of equal mass hold as many, and equal confidences together") {
    std::vector<float> confidences;
    for (int i = 0; i < 100; ++i) confidences.push_back(static_cast<float>(i) / 100);
    const Calibration even =
        calibrate(confidences, std::array<bool, 100>{}, Binning::kEqualMass, 10);
    for (const ReliabilityBin& bin : even.bins) CHECK(bin.count == 10);
    const Calibration one =
        calibrate(std::vector<float>(100, 0.5F), std::array<bool, 100>{}, Binning::kEqualMass, 10);
    CHECK(one.bins[0].count == 100);
    CHECK(one.bins[9].count == 0);
    CHECK(one.error == 0.5);
    CHECK_THROWS_AS(
        calibrate(std::array{1.5F}, std::array{true}, Binning::kEqualWidth), InvalidOption);
}

TEST_CASE("probabilities to a power are those of divided logits") {
    const std::vector<float> logits{0, 1, 3, -2, 50, 0};
    const auto softmax = [&](double temperature) {
        std::vector<float> rows;
        for (std::size_t start = 0; start < logits.size(); start += 3) {
            double sum = 0;
            for (std::size_t k = 0; k < 3; ++k) sum += std::exp(logits[start + k] / temperature);
            for (std::size_t k = 0; k < 3; ++k)
                rows.push_back(static_cast<float>(std::exp(logits[start + k] / temperature) / sum));
        }
        return rows;
    };
    const std::vector<float> wanted = softmax(2.5);
    const std::vector<float> found = tempered(softmax(1), 3, 1 / 2.5);
    for (std::size_t i = 0; i < wanted.size(); ++i)
        CHECK(found[i] == Approx(wanted[i]).margin(1e-6));
    CHECK(tempered(std::vector<float>{0, 0}, 2, 0.5) == std::vector<float>{0, 0});
}
