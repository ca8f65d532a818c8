#pragma once

#include <memory>
#include <vector>

#include "georgia/data/sample.h"
#include "georgia/engine/model_file.h"
#include "georgia/image/synthetic.h"

namespace georgia {

/// Three classes, 32 x 32 pixels, fresh weights.
inline ModelFile small_model() {
    NetworkSpec network;
    network.architecture = "small_cnn";
    Preprocess preprocess;
    preprocess.height = preprocess.width = 32;
    return create_model(network, {"a", "b", "c"}, preprocess, 5);
}

/// Images of three kinds, labelled by as many classes.
inline std::vector<Sample> crystals(
    std::uint32_t count, std::uint32_t first = 0, std::int64_t classes = 3) {
    std::vector<Sample> samples;
    for (std::uint32_t i = first; i < first + count; ++i)
        samples.push_back(
            {std::make_shared<const Image>(draw_crystals(i % 3, 40, 1, i)),
             static_cast<std::int64_t>(i) % classes});
    return samples;
}

}  // namespace georgia
