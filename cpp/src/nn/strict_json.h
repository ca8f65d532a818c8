#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace georgia {

/// Parses JSON of an untrusted file. Nesting deeper than max_depth and names that come twice in
/// one object, both of which nlohmann alone would accept, are BadInput like any other damage.
nlohmann::json parse_strict_json(std::string_view text, int max_depth, std::string_view subject);

}  // namespace georgia
