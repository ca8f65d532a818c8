#include "georgia/image/augment.h"

#include <algorithm>
#include <cmath>

namespace georgia {
namespace {

/// The numbers of one image, each drawn whether it is needed or not.
class Draws {
  public:
    explicit Draws(RandomStream& random) : random_(random) {}

    double share() {
        return random_.uniform();
    }

    double around_zero(double range) {
        return random_.uniform(-range, range);
    }

    bool chance(double probability) {
        return random_.chance(probability);
    }

    double around_zero(double range, double probability) {
        const double value = around_zero(range);
        return chance(probability) ? value : 0;
    }

    std::uint64_t seed() {
        const std::uint64_t high = random_.next();
        return high << 32 | random_.next();
    }

  private:
    RandomStream& random_;
};

void draw_symmetry(const AugmentOptions& options, Draws& draws, Distortion& d) {
    const int symmetry = static_cast<int>(8 * draws.share());
    const bool is_drawn = draws.chance(options.probability.dihedral);
    if (!options.dihedral) return;
    d.flip_x = is_drawn && (symmetry & 1) != 0;
    d.flip_y = is_drawn && (symmetry & 2) != 0;
    d.is_transposed = is_drawn && (symmetry & 4) != 0;
}

void draw_part(const AugmentOptions& options, Draws& draws, Distortion& d) {
    const double area = 1 - (1 - options.crop_scale) * draws.share();
    d.part_x = draws.share();
    d.part_y = draws.share();
    if (draws.chance(options.probability.crop_scale)) d.part = std::sqrt(area);
}

Distortion draw_places(const AugmentOptions& options, Draws& draws) {
    const AugmentProbability& probability = options.probability;
    Distortion d;
    d.rotation = draws.around_zero(options.rotation);
    d.shift_x = draws.around_zero(options.shift);
    d.shift_y = draws.around_zero(options.shift);
    d.zoom_x = 1 + draws.around_zero(options.zoom);
    d.zoom_y = 1 + draws.around_zero(options.zoom);
    if (!options.zoom_per_axis) d.zoom_y = d.zoom_x;
    d.shear = draws.around_zero(options.shear);
    d.flip_x = draws.chance(probability.flip_horizontal) && options.flip_horizontal;
    d.flip_y = draws.chance(probability.flip_vertical) && options.flip_vertical;
    if (!draws.chance(probability.rotation)) d.rotation = 0;
    if (!draws.chance(probability.shift)) d.shift_x = d.shift_y = 0;
    if (!draws.chance(probability.zoom)) d.zoom_x = d.zoom_y = 1;
    if (!draws.chance(probability.shear)) d.shear = 0;
    draw_symmetry(options, draws, d);
    draw_part(options, draws, d);
    for (double& shift : d.corners) shift = draws.around_zero(options.perspective);
    if (!draws.chance(probability.perspective)) d.corners = {};
    return d;
}

/// A rectangle as in Zhong et al., "Random Erasing Data Augmentation", AAAI 2020, but that the
/// aspect is drawn on a logarithmic scale, so that upright and lying are equally likely.
void draw_hole(const AugmentOptions& options, Draws& draws, Photometric& values) {
    const double area = options.erase * draws.share();
    const double aspect = std::exp(draws.around_zero(std::log(1 / 0.3)));
    values.erased_x = draws.share();
    values.erased_y = draws.share();
    if (!draws.chance(options.probability.erase) || area == 0) return;
    values.erased_height = std::clamp(std::sqrt(area * aspect), area, 1.0);
    values.erased_width = area / values.erased_height;
}

Photometric draw_values(const AugmentOptions& options, Draws& draws) {
    const AugmentProbability& probability = options.probability;
    Photometric values;
    values.brightness = draws.around_zero(options.brightness, probability.brightness);
    values.contrast = 1 + draws.around_zero(options.contrast, probability.contrast);
    values.gamma = std::exp(draws.around_zero(options.gamma, probability.gamma));
    values.noise_seed = draws.seed();
    if (draws.chance(probability.noise)) values.noise = options.noise;
    const double sigma = options.blur * draws.share();
    if (draws.chance(probability.blur)) values.blur = sigma;
    draw_hole(options, draws, values);
    return values;
}

}  // namespace

Augmentation draw_augmentation(const AugmentOptions& options, RandomStream& random) {
    Draws draws(random);
    const Distortion places = draw_places(options, draws);
    return {places, draw_values(options, draws)};
}

Augmentation augmentation_of(
    const AugmentOptions& options, std::uint64_t seed, std::int64_t epoch, std::int64_t entry) {
    RandomStream random(
        {seed,
         static_cast<std::uint32_t>(epoch),
         static_cast<std::uint32_t>(entry),
         Purpose::kAugment});
    return draw_augmentation(options, random);
}

void place(
    const Image& image,
    const Preprocess& preprocess,
    const Augmentation& drawn,
    std::uint8_t* target) {
    place(image, preprocess, drawn.places, target);
    adjust(drawn.values, preprocess.frame(), static_cast<int>(preprocess.channels), target);
}

}  // namespace georgia
