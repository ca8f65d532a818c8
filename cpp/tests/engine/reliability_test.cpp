#include "georgia/engine/reliability.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <fstream>
#include <memory>

#include "georgia/base/error.h"
#include "georgia/engine/fit_reliability.h"
#include "georgia/nn/weights.h"
#include "georgia/nn/zoo.h"

#include "catch.h"
#include "engine/small_model.h"
#include "temporary_folder.h"

using namespace georgia;

namespace {

Compute plain() {
    return resolve_compute("cpu", PrecisionRequest::kFloat32);
}

Reliability fitted(const ModelFile& model, std::int64_t classes = 3) {
    Progress quiet;
    return fit_reliability(
        model, plain(), {crystals(30, 0, classes), crystals(20, 100), {}}, {}, quiet);
}

}  // namespace

TEST_CASE("a model with what is known of it answers with scores, and its labels stay") {
    ModelFile model = small_model();
    Progress quiet;
    const ImageRows before = Predictor(model, plain()).predict(crystals(20, 100), {}, quiet);
    REQUIRE(before.width == 3);
    model.reliability = fitted(model);
    model.reliability->temperature.value = 4;
    const ImageRows after = Predictor(model, plain()).predict(crystals(20, 100), {}, quiet);
    REQUIRE(after.width == 3 + std::int64_t{kOutlierScores});
    std::array<int, kOutlierScores> kept{};
    for (std::size_t i = 0; i < 20; ++i) {
        const float* plain_row = &before.values[i * 3];
        const float* row = &after.values[i * 9];
        CHECK(
            std::max_element(row, row + 3) - row ==
            std::max_element(plain_row, plain_row + 3) - plain_row);
        CHECK(row[0] + row[1] + row[2] == Approx(1).margin(1e-6));
        CHECK(*std::max_element(row, row + 3) < *std::max_element(plain_row, plain_row + 3) + 1e-6);
        for (std::size_t s = 0; s < kOutlierScores; ++s)
            kept[s] += row[3 + s] <= model.reliability->refusal->thresholds[s] * (1 + 1e-6) + 1e-6;
    }
    for (const int count : kept) CHECK(count >= 19);
}

TEST_CASE("what is known of a model comes back from its file") {
    const TemporaryFolder folder;
    ModelFile model = small_model();
    const std::string trained = write_model(folder / "m.safetensors", model);
    CHECK(trained_hash(folder / "m.safetensors").empty());
    CHECK_FALSE(read_model(folder / "m.safetensors").reliability);

    Reliability known = fitted(model);
    known.sets.push_back({ConformalOptions{}, {0.9}});
    known.facts = R"({"images":"validation"})";
    known.trained = trained;
    model.reliability = known;
    write_model(folder / "m.safetensors", model);
    CHECK(trained_hash(folder / "m.safetensors") == trained);
    const ModelFile back = read_model(folder / "m.safetensors");
    REQUIRE(back.reliability);
    CHECK(back.weights.size() == model.weights.size());
    CHECK(back.reliability->temperature.value == known.temperature.value);
    CHECK(back.reliability->facts == known.facts);
    CHECK(back.reliability->sets.at(0).thresholds == std::vector{0.9});
    REQUIRE(back.reliability->refusal);
    CHECK(back.reliability->refusal->thresholds == known.refusal->thresholds);
    CHECK(back.reliability->refusal->model.neighbours == known.refusal->model.neighbours);
    CHECK(
        at::equal(back.reliability->refusal->model.total.basis, known.refusal->model.total.basis));
}

TEST_CASE("damaged statistics are refused") {
    const TemporaryFolder folder;
    ModelFile model = small_model();
    model.reliability = fitted(model);
    const auto refused = [&](const ModelFile& damaged) {
        write_model(folder / "d.safetensors", damaged);
        CHECK_THROWS_AS(read_model(folder / "d.safetensors"), BadInput);
    };
    ModelFile damaged = model;
    damaged.reliability->refusal->model.points = at::ones({3, 2});
    refused(damaged);
    damaged = model;
    damaged.reliability->refusal->model.mean = at::ones({1, 1, 1});
    refused(damaged);
    damaged = model;
    damaged.reliability->refusal->model.neighbours = 1'000'000;
    refused(damaged);
    damaged = model;
    damaged.reliability->temperature.value = 0;
    refused(damaged);
    damaged = model;
    damaged.reliability->refusal->model.within.rest = -1;
    refused(damaged);
    damaged = model;
    damaged.reliability->refusal->model.total.variances =
        at::zeros_like(model.reliability->refusal->model.total.variances);
    refused(damaged);
    damaged = model;
    damaged.reliability->facts = "[1]";
    refused(damaged);
    damaged = model;
    damaged.reliability->sets.push_back({{.kind = ConformalKind::kByClass}, {0.5}});
    refused(damaged);
    damaged = model;
    damaged.reliability.reset();
    damaged.weights["georgia.outliers.mean"] = at::ones({3});
    refused(damaged);
    std::ofstream(folder / "n.safetensors") << "nothing";
    CHECK(trained_hash(folder / "n.safetensors").empty());
}

TEST_CASE("a class without images leaves outliers out, and no readable image is an error") {
    const ModelFile model = small_model();
    CHECK_FALSE(fitted(model, 2).refusal);
    Progress quiet;
    std::vector<Sample> bad{{std::make_shared<const Bytes>(Bytes{'n', 'o'}), 0}};
    CHECK_THROWS_AS(
        fit_reliability(model, plain(), {crystals(6, 0), bad, {}}, {}, quiet), BadInput);
}

TEST_CASE("thresholds come from calibration images where there are some") {
    const ModelFile model = small_model();
    Progress quiet;
    const Reliability one = fit_reliability(
        model, plain(), {crystals(30, 0), crystals(20, 100), crystals(20, 200)}, {}, quiet);
    const Reliability other =
        fit_reliability(model, plain(), {crystals(30, 0), crystals(20, 200), {}}, {}, quiet);
    REQUIRE(one.refusal);
    CHECK(one.refusal->thresholds == other.refusal->thresholds);
    CHECK(one.refusal->thresholds != fitted(model).refusal->thresholds);
    CHECK(one.temperature.value == fitted(model).temperature.value);
}
