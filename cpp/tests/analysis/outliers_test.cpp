#include "georgia/analysis/outliers.h"

#include <ATen/ATen.h>
#include <memory>
#include <span>
#include <vector>

#include "georgia/analysis/probability_scores.h"
#include "georgia/base/error.h"
#include "georgia/base/random.h"

#include "catch.h"

using namespace georgia;

namespace {

constexpr std::int64_t kDimensions = 20;

at::Tensor normals(std::int64_t rows, std::uint32_t item) {
    RandomStream random({11, 0, item, Purpose::kSynthetic});
    at::Tensor values = at::empty({rows, kDimensions}, at::kFloat);
    float* value = values.data_ptr<float>();
    for (std::int64_t i = 0; i < values.numel(); ++i)
        value[i] = static_cast<float>(random.normal());
    return values;
}

/// Two classes apart along the first axis, where the logits look; little else but the second axis.
struct Answers {
    at::Tensor features;
    at::Tensor logits;
    at::Tensor labels;

    Answers(std::int64_t count, std::uint32_t item, double along, double aside) {
        features = normals(count, item) * 0.1;
        labels = at::arange(count) % 2;
        features.select(1, 0).add_((labels * 2 - 1) * along);
        features.select(1, 1).mul_(10);
        features.select(1, 5).add_(aside);
        logits = at::stack({-features.select(1, 0), features.select(1, 0)}, 1) * 3;
    }
};

/// Area under the curve that tells foreign images by one score.
double area(
    const OutlierModel& model, const Answers& own, const Answers& foreign, OutlierScore score) {
    const at::Tensor both = at::cat(
        {outlier_scores(model, own.features, own.logits),
         outlier_scores(model, foreign.features, foreign.logits)});
    const at::Tensor column = both.select(1, static_cast<std::int64_t>(score)).contiguous();
    std::vector<float> values(column.data_ptr<float>(), column.data_ptr<float>() + column.numel());
    const auto is_foreign = std::make_unique<bool[]>(values.size());
    for (std::size_t i = static_cast<std::size_t>(own.labels.numel()); i < values.size(); ++i)
        is_foreign[i] = true;
    return curves(values, std::span(is_foreign.get(), values.size())).area;
}

}  // namespace

TEST_CASE("features tell foreign images that the softmax is sure of") {
    const Answers train(400, 0, 1, 0);
    const OutlierModel model = fit_outliers(train.features, train.logits, train.labels, 1);
    const Answers own(200, 1, 1, 0);
    const Answers foreign(200, 2, 3, 4);  // farther along the logits' axis, and where nobody is
    for (const OutlierScore score :
         {OutlierScore::kVim,
          OutlierScore::kNeighbours,
          OutlierScore::kMahalanobis,
          OutlierScore::kRelativeMahalanobis}) {
        CAPTURE(name_of(score));
        CHECK(area(model, own, foreign, score) > 0.99);
    }
    // Of two classes the softmax only knows how far from the border an image is.
    CHECK(area(model, own, foreign, OutlierScore::kMaxSoftmax) < 0.1);
    CHECK(area(model, own, foreign, OutlierScore::kEnergy) < 0.1);
}

TEST_CASE("images like those of the training are told from each other by chance alone") {
    const Answers train(400, 0, 1, 0);
    const OutlierModel model = fit_outliers(train.features, train.logits, train.labels, 1);
    const Answers one(300, 1, 1, 0);
    const Answers other(300, 2, 1, 0);
    for (const OutlierScore score : {OutlierScore::kVim, OutlierScore::kNeighbours})
        CHECK(area(model, one, other, score) == Approx(0.5).margin(0.1));  // four deviations
}

TEST_CASE("the principal part weighs each direction by its variance") {
    at::Tensor vectors = normals(2000, 3);
    vectors.select(1, 0).mul_(10);
    vectors = vectors - vectors.mean(0);
    const PrincipalPart part = principal_part(vectors, 1);
    CHECK(part.variances[0].item<double>() == Approx(100).epsilon(0.15));
    CHECK(part.rest < 1.2);
    // In the mean each of the dimensions gives one.
    CHECK(part.weighed(vectors).mean().item<double>() == Approx(kDimensions).epsilon(0.02));
    CHECK(part.outside(vectors).max().item<double>() < 60);
}

TEST_CASE("more dimensions than images are no harm, a class without images is refused") {
    const Answers train(12, 0, 1, 0);
    const OutlierModel model = fit_outliers(train.features, train.logits, train.labels, 1);
    CHECK(model.neighbours == 3);
    CHECK(outlier_scores(model, train.features, train.logits).isfinite().all().item<bool>());
    const at::Tensor three = at::cat({train.logits, train.logits.slice(1, 0, 1)}, 1);
    CHECK_THROWS_AS(fit_outliers(train.features, three, train.labels, 1), InvalidOption);
}
