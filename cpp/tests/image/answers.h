#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "georgia/image/image.h"

/// What others computed, unrounded; -1 where the answer is open.
struct Answer {
    int height = 0;
    int width = 0;
    int channels = 0;
    std::vector<double> values;  // (height, width, channels), 0 to 255
};

inline const std::map<std::string, Answer> kAnswers{
#include "image/augment_answers.inc"
};

/// An answer that is an image in whole numbers.
inline georgia::Image image_of(const std::string& name) {
    const Answer& answer = kAnswers.at(name);
    georgia::Image image(answer.height, answer.width, answer.channels);
    std::ranges::transform(answer.values, image.pixels.begin(), [](double value) {
        return static_cast<std::uint8_t>(value);
    });
    return image;
}

/// The largest difference to an answer, in levels.
inline double distance_to(const std::string& name, const georgia::Image& image) {
    const Answer& answer = kAnswers.at(name);
    if (answer.values.size() != image.pixels.size()) return 256;
    double worst = 0;
    for (std::size_t i = 0; i < image.pixels.size(); ++i)
        if (answer.values[i] >= 0)
            worst = std::max(worst, std::abs(answer.values[i] - image.pixels[i]));
    return worst;
}
