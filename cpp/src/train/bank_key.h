#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "georgia/image/preprocess.h"
#include "georgia/train/options.h"

namespace georgia {

/// SHA-256 of a list of texts.
std::string key_of(const std::vector<std::string>& texts);

/// How files become the network's input.
std::string key_of_images(const Preprocess& preprocess);

/// Which views of the images are kept, from that epoch on.
std::string key_of_views(const TrainOptions& options, std::int64_t first_epoch);

}  // namespace georgia
