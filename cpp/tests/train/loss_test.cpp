#include "georgia/train/loss.h"

#include <ATen/ATen.h>
#include <cmath>
#include <utility>

#include "georgia/train/mix.h"

#include "catch.h"

using namespace georgia;

namespace {

const std::vector<std::int64_t> kCounts{60, 30, 10};

at::Tensor logits() {
    return at::tensor({1.0F, 0.5F, -1.0F, 0.2F, 0.1F, 2.0F, -0.3F, 0.4F, 0.0F, 1.5F, 1.0F, -2.0F})
        .view({4, 3});
}

at::Tensor labels() {
    return at::tensor({0, 2, 1, 0}, at::kLong);
}

double loss_with(const ImbalanceOptions& options, double smoothing = 0) {
    const Loss loss(options, smoothing, kCounts, at::kCPU);
    const Targets all{labels(), {}, 1};
    return loss(logits(), all, all).item<double>();
}

ImbalanceOptions method(Imbalance which) {
    ImbalanceOptions options;
    options.method = which;
    return options;
}

/// log p of sample i's class, in double.
double log_share(int sample, std::int64_t label, const std::vector<double>& added = {0, 0, 0}) {
    double sum = 0;
    double own = 0;
    for (int k = 0; k < 3; ++k) {
        const double z = logits()[sample][k].item<double>() + added[std::size_t(k)];
        sum += std::exp(z);
        if (k == label) own = z;
    }
    return own - std::log(sum);
}

}  // namespace

TEST_CASE("each loss is its paper's formula") {
    double plain = 0;
    double smooth = 0;
    double weighted = 0;
    double weights = 0;
    double focal = 0;
    double adjusted = 0;
    const std::vector<double> priors{std::log(0.6), std::log(0.3), std::log(0.1)};
    for (int i = 0; i < 4; ++i) {
        const auto label = labels()[i].item<std::int64_t>();
        const double log_p = log_share(i, label);
        plain -= log_p / 4;
        for (int k = 0; k < 3; ++k)
            smooth -= (0.1 / 3 + (k == label ? 0.9 : 0)) * log_share(i, k) / 4;
        const double weight = 100.0 / (3 * double(kCounts[std::size_t(label)]));
        weighted -= weight * log_p;
        weights += weight;
        focal -= std::pow(1 - std::exp(log_p), 2) * log_p / 4;
        adjusted -= log_share(i, label, priors) / 4;
    }
    CHECK(loss_with({}) == Approx(plain).epsilon(1e-6));
    CHECK(loss_with({}, 0.1) == Approx(smooth).epsilon(1e-6));
    CHECK(loss_with(method(Imbalance::kClassWeights)) == Approx(weighted / weights).epsilon(1e-6));
    CHECK(loss_with(method(Imbalance::kFocal)) == Approx(focal).epsilon(1e-6));
    CHECK(loss_with(method(Imbalance::kLogitAdjustment)) == Approx(adjusted).epsilon(1e-6));
    for (const Imbalance which : {Imbalance::kSampler, Imbalance::kBalance})
        CHECK(loss_with(method(which)) == loss_with({}));
}

TEST_CASE("the loss of mixed images is that of both labels, by their shares") {
    const Loss loss({}, 0, kCounts, at::kCPU);
    const at::Tensor others = at::tensor({1, 1, 0, 2}, at::kLong);
    const auto value = [&](const Targets& all) { return loss(logits(), all, all).item<double>(); };
    const double both = value({labels(), others, 0.3});
    const double first = value({labels(), {}, 1});
    const double second = value({others, {}, 1});
    CHECK(both == Approx(0.3 * first + 0.7 * second).epsilon(1e-6));
}

TEST_CASE("a class without images leaves the loss finite") {
    const Loss loss(method(Imbalance::kClassWeights), 0, {5, 5, 0}, at::kCPU);
    const Targets all{labels(), {}, 1};
    CHECK(std::isfinite(loss(logits(), all, all).item<double>()));
}

TEST_CASE("the parts of a batch add up to its loss") {
    const Targets batch{labels(), at::tensor({1, 1, 0, 2}, at::kLong), 0.3};
    for (const Imbalance which : {Imbalance::kNone, Imbalance::kClassWeights, Imbalance::kFocal}) {
        const Loss loss(method(which), 0.1, kCounts, at::kCPU);
        const double whole = loss(logits(), batch, batch).item<double>();
        double sum = 0;
        for (const auto& [first, end] : {std::pair{0, 1}, {1, 4}})
            sum +=
                loss(logits().slice(0, first, end), batch.rows(first, end), batch).item<double>();
        CHECK(sum == Approx(whole).epsilon(1e-6));
    }
}

TEST_CASE("the focal loss of a certain answer has a finite gradient") {
    for (const double gamma : {0.0, 0.5, 1.0, 2.0}) {
        ImbalanceOptions options = method(Imbalance::kFocal);
        options.gamma = gamma;
        at::Tensor certain = at::tensor({40.0F, 0.0F, 0.0F}).view({1, 3}).requires_grad_();
        const Targets all{at::zeros({1}, at::kLong), {}, 1};
        Loss(options, 0, kCounts, at::kCPU)(certain, all, all).backward();
        CHECK(certain.grad().isfinite().all().item<bool>());
    }
}

TEST_CASE("mixing pairs every image with another one and keeps the labels' shares") {
    const at::Tensor plain = at::arange(6, at::kFloat).view({6, 1, 1, 1}).expand({6, 3, 8, 8});
    const at::Tensor classes = at::arange(6, at::kLong);
    MixOptions options;
    at::Tensor untouched = plain.clone();
    CHECK_FALSE(mix_batch(untouched, classes, options, {1, 2, 3, Purpose::kMix}).others.defined());
    CHECK(at::equal(untouched, plain));

    options.mixup = 0.4;
    options.cutmix = 1;
    int cuts = 0;
    for (std::uint32_t step = 0; step < 400; ++step) {
        at::Tensor input = plain.clone();
        const Targets targets = mix_batch(input, classes, options, {1, 0, step, Purpose::kMix});
        REQUIRE((targets.share >= 0 && targets.share <= 1));
        REQUIRE_FALSE(targets.others.eq(classes).any().item<bool>());
        REQUIRE(at::equal(std::get<0>(targets.others.sort()), classes));
        // Images hold their own number everywhere, so their means tell what was mixed in.
        const at::Tensor expected = classes * targets.share + targets.others * (1 - targets.share);
        REQUIRE(at::allclose(input.mean({1, 2, 3}), expected.to(at::kFloat), 1e-5, 1e-5));
        const bool is_cut = at::equal(input, input.round());
        cuts += is_cut ? 1 : 0;
        at::Tensor again = plain.clone();
        mix_batch(again, classes, options, {1, 0, step, Purpose::kMix});
        REQUIRE(at::equal(again, input));
    }
    CHECK((cuts > 150 && cuts < 250));  // five deviations about 200
}

TEST_CASE("shares follow the beta distribution") {
    for (const double alpha : {0.2, 1.0, 4.0}) {
        MixOptions options;
        options.mixup = alpha;
        double sum = 0;
        double squares = 0;
        constexpr int kDraws = 4000;
        for (std::uint32_t step = 0; step < kDraws; ++step) {
            at::Tensor input = at::zeros({2, 1, 1, 1});
            const double share =
                mix_batch(input, at::arange(2), options, {7, 0, step, Purpose::kMix}).share;
            sum += share;
            squares += (share - 0.5) * (share - 0.5);
        }
        const double variance = 1 / (4 * (2 * alpha + 1));
        INFO("alpha " << alpha);
        CHECK(std::abs(sum / kDraws - 0.5) < 5 * std::sqrt(variance / kDraws));
        CHECK(squares / kDraws == Approx(variance).epsilon(0.1));
    }
}
