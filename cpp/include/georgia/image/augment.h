#pragma once

#include <tuple>

#include "georgia/base/random.h"
#include "georgia/image/photometric.h"
#include "georgia/image/preprocess.h"

namespace georgia {

/// How often each quantity is drawn at all.
struct AugmentProbability {
    double rotation = 1;
    double shift = 1;
    double zoom = 1;
    double shear = 1;
    double flip_horizontal = 0.5;
    double flip_vertical = 0.5;
    double dihedral = 1;
    double crop_scale = 1;
    double perspective = 0.5;
    double brightness = 1;
    double contrast = 1;
    double gamma = 1;
    double noise = 0.5;
    double blur = 0.5;
    double erase = 0.5;

    static constexpr auto fields() {
        using P = AugmentProbability;
        using F = Field<P, double>;
        constexpr const char* kUnit = "share of the images";
        return std::tuple{
            F{"rotation", &P::rotation, kUnit, "how many are turned", 0, 1},
            F{"shift", &P::shift, kUnit, "how many are shifted", 0, 1},
            F{"zoom", &P::zoom, kUnit, "how many are magnified or reduced", 0, 1},
            F{"shear", &P::shear, kUnit, "how many are sheared", 0, 1},
            F{"flip_horizontal", &P::flip_horizontal, kUnit, "how many are mirrored", 0, 1},
            F{"flip_vertical", &P::flip_vertical, kUnit, "how many are turned over", 0, 1},
            F{"dihedral", &P::dihedral, kUnit, "how many draw one of the eight symmetries", 0, 1},
            F{"crop_scale", &P::crop_scale, kUnit, "how many are cut to a part", 0, 1},
            F{"perspective", &P::perspective, kUnit, "how many are tilted", 0, 1},
            F{"brightness", &P::brightness, kUnit, "how many change in brightness", 0, 1},
            F{"contrast", &P::contrast, kUnit, "how many change in contrast", 0, 1},
            F{"gamma", &P::gamma, kUnit, "how many change in gamma", 0, 1},
            F{"noise", &P::noise, kUnit, "how many get noise", 0, 1},
            F{"blur", &P::blur, kUnit, "how many are blurred", 0, 1},
            F{"erase", &P::erase, kUnit, "how many lose a rectangle", 0, 1}};
    }

    void validate() const {
        check_ranges(*this);
    }

    bool operator==(const AugmentProbability&) const = default;
};

/// The range of random changes that training draws from; each quantity's neutral value is none.
struct AugmentOptions {
    double rotation = 10;
    double shift = 0.05;
    double zoom = 0.1;
    bool zoom_per_axis = false;
    double shear = 0;
    bool flip_horizontal = true;
    bool flip_vertical = true;
    bool dihedral = false;
    double crop_scale = 1;
    double perspective = 0;
    double brightness = 0;
    double contrast = 0;
    double gamma = 0;
    double noise = 0;
    double blur = 0;
    double erase = 0;
    AugmentProbability probability;

    static constexpr auto fields() {
        using A = AugmentOptions;
        using F = Field<A, double>;
        using Switch = Field<A, bool>;
        return std::tuple{
            F{"rotation", &A::rotation, "degrees", "drawn from both sides of 0", 0, 180},
            F{"shift", &A::shift, "share of a side", "along each axis", 0, 1},
            F{"zoom", &A::zoom, "share", "magnification 1 - zoom to 1 + zoom", 0, 0.9},
            Switch{"zoom_per_axis", &A::zoom_per_axis, "", "each axis draws its own zoom"},
            F{"shear", &A::shear, "degrees", "drawn from both sides of 0", 0, 60},
            Switch{"flip_horizontal", &A::flip_horizontal, "", "mirror some of the images"},
            Switch{"flip_vertical", &A::flip_vertical, "", "turn some of the images over"},
            Switch{
                "dihedral",
                &A::dihedral,
                "",
                "one of the eight symmetries of the square, instead of the two flips"},
            F{"crop_scale",
              &A::crop_scale,
              "share of the area",
              "smallest part that fills the frame, at a random place; 1 is the whole",
              0.01,
              1},
            F{"perspective",
              &A::perspective,
              "share of a side",
              "largest shift of each corner along each axis",
              0,
              0.2},
            F{"brightness",
              &A::brightness,
              "share of full scale",
              "added, drawn from both sides of 0",
              0,
              1},
            F{"contrast",
              &A::contrast,
              "share",
              "factor 1 - contrast to 1 + contrast about the mean of the image's gray",
              0,
              1},
            F{"gamma", &A::gamma, "", "exponent exp(-gamma) to exp(gamma)", 0, 3},
            F{"noise",
              &A::noise,
              "share of full scale",
              "standard deviation of normal noise in each pixel and channel",
              0,
              1},
            F{"blur", &A::blur, "pixels of the input", "largest sigma of a Gaussian", 0, 20},
            F{"erase",
              &A::erase,
              "share of the area",
              "largest rectangle that is filled with the image's mean colour",
              0,
              1},
            Field<A, AugmentProbability>{
                "probability", &A::probability, "", "how often each of these is drawn"}};
    }

    void validate() const {
        check_ranges(*this);
    }

    bool operator==(const AugmentOptions&) const = default;

    static AugmentOptions none() {
        AugmentOptions options;
        options.rotation = options.shift = options.zoom = 0;
        options.flip_horizontal = options.flip_vertical = false;
        return options;
    }
};

/// What happens to one image in one epoch.
struct Augmentation {
    Distortion places;
    Photometric values;

    bool operator==(const Augmentation&) const = default;
};

/// One draw. Each quantity takes its numbers in a fixed order, so switching one off moves no other.
Augmentation draw_augmentation(const AugmentOptions& options, RandomStream& random);

/// The draw of an entry of an epoch; it depends on nothing else.
Augmentation augmentation_of(
    const AugmentOptions& options, std::uint64_t seed, std::int64_t epoch, std::int64_t entry);

/// As place with a distortion, then the values are changed too.
void place(
    const Image& image,
    const Preprocess& preprocess,
    const Augmentation& drawn,
    std::uint8_t* target);

}  // namespace georgia
