#include "nn/strict_json.h"

#include <set>
#include <string>
#include <vector>

#include "georgia/base/error.h"

namespace georgia {

using Json = nlohmann::json;

Json parse_strict_json(std::string_view text, int max_depth, std::string_view subject) {
    const auto refuse = [&](std::string_view wrong) {
        throw BadInput("read_weights", subject, wrong);
    };
    std::vector<std::set<std::string>> keys;
    const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
        if (depth > max_depth) refuse("the header is nested too deeply");
        if (event == Json::parse_event_t::object_start) keys.emplace_back();
        if (event == Json::parse_event_t::object_end) keys.pop_back();
        if (event == Json::parse_event_t::key && !keys.back().insert(parsed).second)
            refuse("the header names something twice");
        return true;
    };
    try {
        return Json::parse(text, watch);
    } catch (const Json::exception&) {
        refuse("not a file of this kind, or damaged: its header is not JSON");
    }
    return {};
}

}  // namespace georgia
