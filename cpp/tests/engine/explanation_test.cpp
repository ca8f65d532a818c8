#include "georgia/engine/explanation.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <cmath>
#include <memory>

#include "georgia/base/error.h"
#include "georgia/nn/zoo.h"

#include "catch.h"
#include "engine/small_model.h"

using namespace georgia;

TEST_CASE("explanations answer for the predicted class or another, with their checks") {
    const ModelFile model = small_model();
    Progress quiet;
    PredictOptions options;
    options.batch = 2;  // classes must follow their images over batches
    auto inputs = crystals(5);
    inputs[1].source = std::make_shared<const Bytes>(Bytes{'n', 'o'});
    const Explanation found = explain(model, inputs, {}, options, {}, quiet);
    REQUIRE(found.maps.size() == 5 * 32 * 32);
    CHECK_FALSE(found.errors[1].empty());
    const ImageRows answers = Predictor(model, {}).predict(inputs, options, quiet);
    for (const std::size_t i : {0UL, 2UL, 3UL, 4UL}) {
        const float* row = &answers.values[i * 3];
        const auto best = std::max_element(row, row + 3) - row;
        CHECK(found.classes[i] == best);
        const auto first = i * static_cast<std::size_t>(Explanation::kParts + 1);
        const auto last = first + static_cast<std::size_t>(Explanation::kParts);
        CHECK(found.deletion[first] == Approx(row[best]).margin(1e-4));  // nothing is gone yet
        CHECK(found.insertion[last] == Approx(row[best]).margin(1e-4));  // all is there
        CHECK(found.deletion[last] == Approx(found.insertion[first]).margin(1e-4));
        CHECK(std::abs(found.likeness[i]) < 0.999);
    }

    ExplainRequest request;
    request.classes = {2, 0, 1, 0, 2};
    request.has_checks = false;
    const Explanation asked = explain(model, inputs, request, options, {}, quiet);
    CHECK(asked.classes[4] == 2);
    CHECK(asked.deletion.empty());
    request.classes = {2, 0, 1, 0, 3};
    CHECK_THROWS_AS(explain(model, inputs, request, options, {}, quiet), InvalidOption);
    request.classes = {2};
    CHECK_THROWS_AS(explain(model, inputs, request, options, {}, quiet), InvalidOption);
}

TEST_CASE("a map of random weights is its own likeness") {
    ModelFile model = small_model();
    // As the check draws them.
    model.weights = initial_weights(build_network(model.network), 0x6c696b656e657373);
    Progress quiet;
    const Explanation found = explain(model, crystals(2), {}, {}, {}, quiet);
    CHECK(found.likeness[0] == Approx(1));
}

TEST_CASE("planes of a stage come as they are") {
    const ModelFile model = small_model();
    const Planes planes = feature_maps(model, crystals(1)[0], "stage1", {});
    REQUIRE(planes.shape.size() == 3);
    CHECK(
        planes.values.size() ==
        static_cast<std::size_t>(planes.shape[0] * planes.shape[1] * planes.shape[2]));
    CHECK_THROWS_AS(feature_maps(model, crystals(1)[0], "features", {}), InvalidOption);
}

TEST_CASE("a map without differences is like nothing") {
    ModelFile model = small_model();
    for (auto& [name, tensor] : model.weights) tensor = at::zeros_like(tensor);
    Progress quiet;
    const Explanation found = explain(model, crystals(1), {}, {}, {}, quiet);
    CHECK(std::isnan(found.likeness[0]));
}
