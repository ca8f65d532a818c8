#include "georgia/engine/predictor.h"

#include <ATen/ATen.h>
#include <memory>

#include "georgia/base/error.h"
#include "georgia/image/synthetic.h"
#include "georgia/nn/weights.h"
#include "georgia/nn/zoo.h"

#include "catch.h"
#include "temporary_folder.h"

using namespace georgia;

namespace {

ModelFile fresh_model() {
    ModelFile model;
    model.classes = {"a", "b", "c"};
    model.network.classes = 3;
    model.preprocess.height = model.preprocess.width = 40;
    model.network.height = model.network.width = 40;
    model.weights = initial_weights(build_network(model.network), 9);
    return model;
}

Compute plain() {
    return resolve_compute("cpu", PrecisionRequest::kFloat32);
}

}  // namespace

TEST_CASE("one result per input in order, failures included") {
    Predictor predictor(fresh_model(), plain());
    std::vector<Sample> inputs;
    for (std::uint32_t i = 0; i < 5; ++i)
        inputs.push_back({std::make_shared<const Image>(draw_crystals(i % 4, 48, 1, i))});
    inputs[3].source = std::make_shared<const Bytes>(Bytes{'n', 'o'});
    Progress quiet;
    PredictOptions options;
    options.batch = 2;
    const ImageRows two = predictor.predict(inputs, options, quiet);
    REQUIRE(two.errors.size() == 5);
    for (std::size_t i = 0; i < 5; ++i) {
        CHECK(two.errors[i].empty() == (i != 3));
        double sum = 0;
        for (std::size_t k = 0; k < 3; ++k) sum += two.values[3 * i + k];
        CHECK(sum == Approx(i == 3 ? 0 : 1).margin(1e-6));
    }
    options.batch = 5;
    const ImageRows five = predictor.predict(inputs, options, quiet);
    for (std::size_t i = 0; i < two.values.size(); ++i)
        CHECK(five.values[i] == Approx(two.values[i]).margin(1e-6));
    CHECK(predictor.predict({}, options, quiet).errors.empty());
}

TEST_CASE("test-time augmentation answers alike for a turned image, and says how unsteady it is") {
    Predictor predictor(fresh_model(), plain());
    const Image image = draw_crystals(1, 40, 1, 3);
    Image turned(40, 40, 3);  // a quarter
    for (std::size_t y = 0; y < 40; ++y)
        for (std::size_t x = 0; x < 40; ++x)
            for (std::size_t c = 0; c < 3; ++c)
                turned.pixels[(y * 40 + x) * 3 + c] = image.pixels[(x * 40 + 39 - y) * 3 + c];
    const std::vector<Sample> inputs{
        {std::make_shared<const Image>(image)}, {std::make_shared<const Image>(turned)}};
    Progress quiet;
    PredictOptions options;
    const ImageRows once = predictor.predict(inputs, options, quiet);
    options.tta = true;
    const ImageRows rows = predictor.predict(inputs, options, quiet);
    REQUIRE(rows.width == 4);
    double apart = 0;
    for (std::size_t k = 0; k < 4; ++k) {
        CHECK(rows.values[k] == Approx(rows.values[4 + k]).margin(2e-5));
        if (k < 3) apart += std::abs(once.values[k] - once.values[3 + k]);
    }
    CHECK(apart > 1e-4);  // without it the two answers differ
    CHECK(rows.values[0] + rows.values[1] + rows.values[2] == Approx(1).margin(1e-5));
    CHECK(rows.values[3] > 0);
}

TEST_CASE("a model file comes back as it was, and others are refused by name") {
    const TemporaryFolder folder;
    const ModelFile model = fresh_model();
    write_model(folder / "m.safetensors", model);
    const ModelFile back = read_model(folder / "m.safetensors");
    CHECK(back.classes == model.classes);
    CHECK(back.network == model.network);
    CHECK(back.preprocess == model.preprocess);
    for (const auto& [name, tensor] : model.weights)
        CHECK(at::equal(tensor, back.weights.at(name)));

    for (const std::string& hostile :
         {std::string(1'000'000, '['),
          std::string("{\"format\":1,\"format\":1}"),
          std::string("{}")}) {
        write_weights(folder / "h.safetensors", {}, {{"georgia", hostile}});
        CHECK_THROWS_AS(read_model(folder / "h.safetensors"), BadInput);
    }

    ModelFile wrong = fresh_model();
    wrong.weights.erase("fc.bias");
    wrong.weights["layer9.weight"] = at::ones({1});
    wrong.weights["fc.weight"] = at::ones({2, 512});
    write_model(folder / "w.safetensors", wrong);
    CHECK_THROWS_AS(read_model(folder / "w.safetensors"), BadInput);
    CHECK_THROWS_WITH(
        read_model(folder / "w.safetensors"),
        ContainsSubstring("missing fc.bias") && ContainsSubstring("unexpected layer9.weight") &&
            ContainsSubstring("fc.weight: expected"));
}
