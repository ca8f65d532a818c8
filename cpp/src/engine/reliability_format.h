#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "georgia/engine/reliability.h"
#include "georgia/nn/parameters.h"

namespace georgia {

/// The part that goes into the model file's JSON.
nlohmann::json header_of(const Reliability& reliability);

/// The part that goes into its tensors, under names that begin with kOwnTensors.
void add_tensors(const Reliability& reliability, TensorMap& tensors);

inline constexpr std::string_view kOwnTensors = "georgia.";

/// The reverse, for a network with so many classes and features. Throws BadInput, with the
/// subject, where tensors are missing or of other shapes; nlohmann's errors and InvalidOption
/// where the JSON is not what header_of writes.
Reliability reliability_of(
    const nlohmann::json& header,
    const TensorMap& tensors,
    std::int64_t classes,
    std::int64_t features,
    std::string_view subject);

}  // namespace georgia
