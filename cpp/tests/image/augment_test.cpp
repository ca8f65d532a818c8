#include "georgia/image/augment.h"

#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "georgia/base/error.h"

#include "catch.h"
#include "image/picture.h"

using namespace georgia;

namespace {

constexpr std::uint32_t kDraws = 10'000;

Augmentation draw(const AugmentOptions& options, std::uint32_t item) {
    return augmentation_of(options, 5, 2, item);
}

AugmentOptions all_on() {
    AugmentOptions options;
    options.rotation = 30;
    options.shift = 0.2;
    options.zoom = 0.3;
    options.zoom_per_axis = true;
    options.shear = 10;
    options.crop_scale = 0.25;
    options.perspective = 0.1;
    options.brightness = 0.2;
    options.contrast = 0.4;
    options.gamma = 0.5;
    options.noise = 0.05;
    options.blur = 1.5;
    options.erase = 0.3;
    return options;
}

/// What a quantity is: how to switch it off, its probability, and how a draw looks without it.
struct Quantity {
    std::function<void(AugmentOptions&)> switch_off;
    double AugmentProbability::* probability;
    std::function<void(Augmentation&)> remove;
};

std::map<std::string, Quantity> quantities() {
    using O = AugmentOptions;
    using P = AugmentProbability;
    using A = Augmentation;
    return {
        {"rotation",
         {[](O& o) { o.rotation = 0; }, &P::rotation, [](A& a) { a.places.rotation = 0; }}},
        {"shift",
         {[](O& o) { o.shift = 0; },
          &P::shift,
          [](A& a) { a.places.shift_x = a.places.shift_y = 0; }}},
        {"zoom",
         {[](O& o) { o.zoom = 0; }, &P::zoom, [](A& a) { a.places.zoom_x = a.places.zoom_y = 1; }}},
        {"shear", {[](O& o) { o.shear = 0; }, &P::shear, [](A& a) { a.places.shear = 0; }}},
        {"flip_horizontal",
         {[](O& o) { o.flip_horizontal = false; },
          &P::flip_horizontal,
          [](A& a) { a.places.flip_x = false; }}},
        {"flip_vertical",
         {[](O& o) { o.flip_vertical = false; },
          &P::flip_vertical,
          [](A& a) { a.places.flip_y = false; }}},
        {"crop_scale",
         {[](O& o) { o.crop_scale = 1; }, &P::crop_scale, [](A& a) { a.places.part = 1; }}},
        {"perspective",
         {[](O& o) { o.perspective = 0; }, &P::perspective, [](A& a) { a.places.corners = {}; }}},
        {"brightness",
         {[](O& o) { o.brightness = 0; }, &P::brightness, [](A& a) { a.values.brightness = 0; }}},
        {"contrast",
         {[](O& o) { o.contrast = 0; }, &P::contrast, [](A& a) { a.values.contrast = 1; }}},
        {"gamma", {[](O& o) { o.gamma = 0; }, &P::gamma, [](A& a) { a.values.gamma = 1; }}},
        {"noise", {[](O& o) { o.noise = 0; }, &P::noise, [](A& a) { a.values.noise = 0; }}},
        {"blur", {[](O& o) { o.blur = 0; }, &P::blur, [](A& a) { a.values.blur = 0; }}},
        {"erase",
         {[](O& o) { o.erase = 0; },
          &P::erase,
          [](A& a) { a.values.erased_height = a.values.erased_width = 0; }}}};
}

}  // namespace

TEST_CASE("the first draws are those they have always been") {
    // Written down when there was nothing but these.
    AugmentOptions options;
    options.shear = 10;
    options.zoom_per_axis = true;
    const Distortion d = draw(options, 7).places;
    CHECK(d.rotation == -9.8989013477444914);
    CHECK(d.shift_x == -0.036495515590815653);
    CHECK(d.shift_y == -0.041163344629382849);
    CHECK(d.zoom_x == 1.03060797123643);
    CHECK(d.zoom_y == 1.0149498603042506);
    CHECK(d.shear == 2.6854430300114664);
    CHECK(d.flip_x);
    CHECK(d.flip_y);
}

TEST_CASE("each quantity is drawn as often as its probability says") {
    for (const auto& [name, quantity] : quantities()) {
        INFO(name);
        for (const double probability : {0.0, 0.3, 1.0}) {
            AugmentOptions options = all_on();
            options.probability.*quantity.probability = probability;
            int count = 0;
            for (std::uint32_t i = 0; i < kDraws; ++i) {
                const Augmentation drawn = draw(options, i);
                Augmentation without = drawn;
                quantity.remove(without);
                count += drawn != without;
            }
            const double deviation = std::sqrt(kDraws * probability * (1 - probability));
            CHECK(std::abs(count - kDraws * probability) <= 5 * deviation);
        }
    }
}

TEST_CASE("switching one quantity off moves no other, by range and by probability") {
    for (const auto& [name, quantity] : quantities()) {
        INFO(name);
        AugmentOptions off = all_on();
        quantity.switch_off(off);
        AugmentOptions never = all_on();
        never.probability.*quantity.probability = 0;
        int wrong = 0;
        for (std::uint32_t i = 0; i < 300; ++i) {
            Augmentation expected = draw(all_on(), i);
            quantity.remove(expected);
            wrong += (draw(off, i) != expected) + (draw(never, i) != expected);
        }
        CHECK(wrong == 0);
    }
}

TEST_CASE("symmetries replace the flips and move nothing else") {
    AugmentOptions options = all_on();
    options.dihedral = true;
    std::array<int, 8> counts{};
    int wrong = 0;
    for (std::uint32_t i = 0; i < kDraws; ++i) {
        Augmentation drawn = draw(options, i);
        Distortion& d = drawn.places;
        ++counts[(d.flip_x ? 1U : 0U) + (d.flip_y ? 2U : 0U) + (d.is_transposed ? 4U : 0U)];
        const Augmentation flipped = draw(all_on(), i);
        d.flip_x = flipped.places.flip_x;
        d.flip_y = flipped.places.flip_y;
        d.is_transposed = false;
        wrong += drawn != flipped;
    }
    CHECK(wrong == 0);
    // Five standard deviations of a binomial count.
    for (const int count : counts) CHECK(std::abs(count - 1250) < 5 * std::sqrt(1250 * 7 / 8.0));
    options.probability.dihedral = 0;
    for (std::uint32_t i = 0; i < 100; ++i) {
        const Distortion d = draw(options, i).places;
        REQUIRE_FALSE((d.flip_x || d.flip_y || d.is_transposed));
    }
}

TEST_CASE("every number keeps to its range and comes near both ends") {
    const AugmentOptions options = all_on();
    std::map<std::string, std::vector<double>> drawn;
    double part = 1;
    for (std::uint32_t i = 0; i < kDraws; ++i) {
        const auto [d, v] = draw(options, i);
        drawn["rotation"].push_back(d.rotation / 30);
        drawn["shift x"].push_back(d.shift_x / 0.2);
        drawn["shift y"].push_back(d.shift_y / 0.2);
        drawn["zoom x"].push_back((d.zoom_x - 1) / 0.3);
        drawn["zoom y"].push_back((d.zoom_y - 1) / 0.3);
        drawn["shear"].push_back(d.shear / 10);
        drawn["part"].push_back((d.part * d.part - 0.625) / 0.375);
        drawn["part x"].push_back(2 * d.part_x - 1);
        drawn["part y"].push_back(2 * d.part_y - 1);
        for (const double shift : d.corners) drawn["corners"].push_back(shift / 0.1);
        drawn["brightness"].push_back(v.brightness / 0.2);
        drawn["contrast"].push_back((v.contrast - 1) / 0.4);
        drawn["gamma"].push_back(std::log(v.gamma) / 0.5);
        drawn["noise"].push_back(2 * v.noise / 0.05 - 1);
        drawn["blur"].push_back(2 * v.blur / 1.5 - 1);
        drawn["area"].push_back(2 * v.erased_height * v.erased_width / 0.3 - 1);
        if (v.erased_width > 0 && v.erased_height < 1)
            drawn["aspect"].push_back(
                std::log(v.erased_height / v.erased_width) / std::log(1 / 0.3));
        part = std::min(part, d.part);
    }
    for (const auto& [name, values] : drawn) {
        INFO(name);
        const auto [low, high] = std::ranges::minmax(values);
        CHECK(low >= -1 - 1e-12);
        CHECK(low < -0.99);
        CHECK(high <= 1 + 1e-12);
        CHECK(high > 0.99);
    }
}

TEST_CASE("what a part shows lies inside the image") {
    AugmentOptions options = AugmentOptions::none();
    options.crop_scale = 0.1;
    const Image image(40, 30, 1);
    for (std::uint32_t i = 0; i < 1000; ++i) {
        const Distortion d = draw(options, i).places;
        const auto m = frame_to_source(image.size(), {20, 20}, Fit::kStretch, d).m;
        for (const double edge : {-0.5, 19.5}) {
            const double x = m[0] * edge + m[2];
            const double y = m[4] * edge + m[5];
            REQUIRE((x > -0.5 - 1e-9 && x < 29.5 + 1e-9 && y > -0.5 - 1e-9 && y < 39.5 + 1e-9));
        }
    }
}

TEST_CASE("everything off is the plain fit; places come first, values after them") {
    for (const int channels : {1, 3, 4}) {
        Preprocess preprocess;
        preprocess.height = 14;
        preprocess.width = 11;
        preprocess.channels = channels;
        const Image image = picture(30, 23, channels);
        std::vector<std::uint8_t> plain(preprocess.row_bytes());
        std::vector<std::uint8_t> augmented(preprocess.row_bytes());
        place(image, preprocess, Distortion{}, plain.data());
        place(image, preprocess, draw(AugmentOptions::none(), 1), augmented.data());
        CHECK(augmented == plain);
        place(image, preprocess, draw(all_on(), 1), augmented.data());
        CHECK(augmented != plain);
        place(image, preprocess, draw(all_on(), 1).places, plain.data());
        CHECK(augmented != plain);
        adjust(draw(all_on(), 1).values, preprocess.frame(), channels, plain.data());
        CHECK(augmented == plain);
    }
}

TEST_CASE("options outside their range are refused by name") {
    AugmentOptions options;
    options.probability.blur = 1.5;
    CHECK_THROWS_AS(options.validate(), InvalidOption);
    CHECK_THROWS_WITH(options.validate(), ContainsSubstring("blur"));
    options = {};
    options.perspective = 0.25;  // a corner could fold inward
    CHECK_THROWS_WITH(options.validate(), ContainsSubstring("perspective"));
    options = {};
    options.crop_scale = 0;
    CHECK_THROWS_WITH(options.validate(), ContainsSubstring("crop_scale"));
    CHECK_NOTHROW(all_on().validate());
}

TEST_CASE("there is a probability for each quantity, by its name") {
    std::set<std::string> names;
    for_each_field<AugmentOptions>([&](const auto& field) { names.insert(field.name); });
    names.erase("zoom_per_axis");
    names.erase("probability");
    std::set<std::string> probabilities;
    for_each_field<AugmentProbability>(
        [&](const auto& field) { probabilities.insert(field.name); });
    CHECK(names == probabilities);
}
