#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "georgia/nn/network_spec.h"
#include "georgia/nn/parameters.h"

namespace georgia {

struct FitOptions {
    std::uint64_t seed = 42;  ///< of what the file does not give
    bool strict = true;       ///< false: what does not fit is left out and told
};

/// Weights for a network made from a file's tensors.
struct FittedWeights {
    TensorMap weights;
    std::vector<std::string> notes;  ///< what was adapted or left out, a line each
};

/// Fits a file's tensors to a network by name.
///
/// Input channels: 3 to 1 sums the first layer's weights over the channels (exact for gray pictures
/// given as three equal channels, where these are normalised alike); 3 to 4 adds zeros, so that
/// alpha has no effect at first. Another number of classes leaves the last layer as it begins. A
/// file without exactly the head's tensors is a trunk, and a file's own classifier is left out
/// where the network has another head; all of it is told in the notes. Everything else that is
/// missing, unexpected, of a wrong shape or not finite is BadInput that names it, and nothing is
/// taken.
FittedWeights fit_weights(
    const NetworkSpec& spec, TensorMap given, const FitOptions& options, std::string_view subject);

/// The network of the zoo that tensors belong to; classes is 0 where they hold no classifier.
std::optional<NetworkSpec> recognise(const TensorMap& tensors);

}  // namespace georgia
