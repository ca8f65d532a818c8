#include "nn/safetensors_header.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "georgia/base/error.h"

namespace georgia {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxTensors = 10'000;  // and as many metadata texts
constexpr std::size_t kMaxNameBytes = 256;
constexpr std::size_t kMaxRank = 8;
constexpr std::size_t kMaxRunBytes = 256;   // of space and digits between two marks
constexpr std::size_t kMinEntryBytes = 48;  // a tensor described in fewer is not complete
constexpr std::uint64_t kMaxBytes = std::numeric_limits<std::int64_t>::max();
const std::map<std::string, std::uint64_t, std::less<>> kTypeBytes{
    {"F64", 8}, {"I64", 8}, {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"U8", 1}};

/// The file's name, in front of what is wrong with it.
struct Subject {
    std::string_view file;

    [[noreturn]] void refuse(
        std::string_view wrong, std::string_view expected = {}, std::string_view got = {}) const {
        throw BadInput("read_weights", file, wrong, expected, got);
    }
    [[noreturn]] void refuse_json(const std::string& why, std::size_t byte) const {
        refuse("damaged, its header is not JSON: " + why + " at byte " + std::to_string(byte));
    }
};

// ---- the look at the bytes, before nlohmann: see Note [Strict safetensors] ----------------------

/// Bytes of the UTF-8 character in front; 0 for overlong forms, surrogates and other damage.
std::size_t character_length(std::string_view text) {
    const auto byte = [&](std::size_t at) {
        return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
    };
    const unsigned lead = byte(0);
    if (lead < 0x80) return 1;
    const unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (lead < 0xc2 || lead > 0xf4 || byte(1) < low || byte(1) > high) return 0;
    const std::size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    for (std::size_t at = 2; at < length; ++at)
        if (byte(at) >> 6 != 2) return 0;
    return length;
}

/// Bytes of the escape in front; 0 if it is none, as half a surrogate pair is.
std::size_t escape_length(std::string_view text) {
    constexpr std::string_view kShort = "\"\\/bfnrt";
    if (text.size() > 1 && kShort.find(text[1]) != kShort.npos) return 2;
    const auto top_bits = [&](std::size_t at) {  // upper six of the sixteen in \uXXXX, 64 if none
        unsigned unit = 0;
        if (text.size() < at + 6 || text.substr(at, 2) != "\\u") return 64U;
        const char* end = text.data() + at + 6;
        return std::from_chars(end - 4, end, unit, 16).ptr == end ? unit >> 10 : 64U;
    };
    if (top_bits(0) == 0x36) return top_bits(6) == 0x37 ? 12 : 0;  // the halves of a pair
    return top_bits(0) == 0x37 || top_bits(0) == 64 ? 0 : 6;
}

/// One behind the closing quote of the text that begins at the quote.
std::size_t end_of_text(std::string_view json, std::size_t quote, const Subject& subject) {
    std::size_t at = quote + 1;
    while (at < json.size() && json[at] != '"') {
        const std::string_view rest = json.substr(at);
        const std::size_t length = json[at] == '\\' ? escape_length(rest) : character_length(rest);
        if (length == 0) subject.refuse_json(json[at] == '\\' ? "wrong escape" : "no UTF-8", at);
        if (length == 1 && json[at] < ' ') subject.refuse_json("control character", at);
        at += length;
    }
    if (at >= json.size()) subject.refuse_json("text without end", quote);
    return at + 1;
}

/// Lets pass sound texts, marks, digits and short space.
void require_sound_tokens(std::string_view json, const Subject& subject) {
    constexpr std::string_view kMarks = "\"{}[]:,";
    constexpr std::string_view kSpaceAndDigits = " \t\n\r0123456789";
    for (std::size_t at = 0, run = 0; at < json.size();) {
        const bool is_mark = kMarks.find(json[at]) != kMarks.npos;
        if (!is_mark && kSpaceAndDigits.find(json[at]) == kSpaceAndDigits.npos) {
            const bool is_plain = json[at] > ' ' && json[at] < 0x7f;
            const std::string got = is_plain ? std::string(1, json[at]) : "another character";
            const char* wrong = "its header holds more than objects, lists, texts, whole numbers";
            subject.refuse(wrong, {}, got + " at byte " + std::to_string(at));
        }
        run = is_mark ? 0 : run + 1;
        if (run > kMaxRunBytes) subject.refuse("its header has a long run of space or digits");
        at = json[at] == '"' ? end_of_text(json, at, subject) : at + 1;
    }
}

// ---- the header as nlohmann's events ------------------------------------------------------------

/// Keeps tensors and metadata, and refuses every event that has no place where it comes.
class HeaderEvents final : public nlohmann::json_sax<Json> {
  public:
    HeaderEvents(std::size_t header_bytes, Subject subject) : subject_(subject) {
        header.tensors.reserve(std::min(kMaxTensors, header_bytes / kMinEntryBytes));
    }

    SafetensorsHeader header;

    bool start_object(std::size_t) override {
        if (place_ != Place::kOutside && place_ != Place::kRoot) refuse_value("a nested object");
        place_ = place_ == Place::kOutside ? Place::kRoot : named_;
        return true;
    }
    bool end_object() override {
        if (place_ == Place::kEntry) finish_entry();
        place_ = place_ == Place::kRoot ? Place::kOutside : Place::kRoot;
        return true;
    }
    bool start_array(std::size_t) override {
        if (place_ != Place::kEntry || field_ == kType) refuse_value("a nested list");
        place_ = Place::kList;
        numbers_.clear();
        return true;
    }
    bool end_array() override {
        if (field_ == kShape) {
            entry().shape.assign(numbers_.begin(), numbers_.end());
        } else {
            if (numbers_.size() != 2) refuse_value(std::to_string(numbers_.size()) + " numbers");
            entry().begin = numbers_[0];
            entry().end = numbers_[1];
        }
        place_ = Place::kEntry;
        return true;
    }
    bool key(std::string& text) override {
        if (place_ == Place::kEntry) {
            start_field(text);
        } else if (place_ == Place::kRoot) {
            start_named(text);
        } else {
            const auto [place, is_new] = header.metadata.try_emplace(text);
            if (!is_new) subject_.refuse("the metadata names something twice");
            if (header.metadata.size() > kMaxTensors)
                subject_.refuse("more than 10,000 metadata texts");
            metadatum_ = &place->second;
        }
        return true;
    }
    bool string(std::string& text) override {
        const bool is_type = place_ == Place::kEntry && field_ == kType;
        if (!is_type && place_ != Place::kMetadata) refuse_value("a text");
        if (is_type && !kTypeBytes.contains(text))
            subject_.refuse(entry().name + " has an unknown dtype");
        (is_type ? entry().type : *metadatum_) = std::string_view(text);  // not the spare capacity
        return true;
    }
    bool number_unsigned(std::uint64_t number) override {
        if (place_ != Place::kList) refuse_value("a number");
        if (numbers_.size() == kMaxRank) refuse_value("more numbers");
        if (number > kMaxBytes) refuse_value("a number that is too large");
        numbers_.push_back(number);
        return true;
    }
    bool number_float(double, const std::string&) override {
        refuse_value("a number that is too large");  // a fraction does not come this far
    }
    bool number_integer(std::int64_t) override {
        refuse_value("a negative number");
    }
    bool boolean(bool) override {
        refuse_value("true or false");
    }
    bool null() override {
        refuse_value("null");
    }
    bool binary(Json::binary_t&) override {
        refuse_value("bytes");
    }
    bool parse_error(std::size_t byte, const std::string&, const Json::exception&) override {
        subject_.refuse_json("wrong mark or value", byte);
    }

  private:
    enum class Place { kOutside, kRoot, kMetadata, kEntry, kList };
    enum Field : unsigned { kType = 1, kShape = 2, kOffsets = 4, kAll = 7 };

    TensorEntry& entry() {
        return header.tensors.back();
    }

    [[noreturn]] void refuse_value(std::string_view got) {
        if (named_ == Place::kMetadata)
            subject_.refuse("the metadata are not an object of texts", {}, got);
        if (place_ == Place::kRoot)
            subject_.refuse(entry().name + " is not described", "an object", got);
        const std::string name = entry().name + "'s ";
        if (field_ == kType) subject_.refuse(name + "dtype is wrong", "a text", got);
        if (field_ == kShape)
            subject_.refuse(name + "shape is wrong", "a list of at most 8 whole numbers", got);
        subject_.refuse(name + "data_offsets are wrong", "a list of 2 whole numbers", got);
    }

    void start_named(const std::string& name) {
        named_ = name == "__metadata__" ? Place::kMetadata : Place::kEntry;
        if (named_ == Place::kMetadata) {
            if (std::exchange(has_metadata_, true))
                subject_.refuse("its header has __metadata__ twice");
            return;
        }
        const auto is_control = [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; };
        if (name.empty() || name.size() > kMaxNameBytes)
            subject_.refuse("a tensor's name is empty or longer than 256 bytes");
        if (std::ranges::any_of(name, is_control))
            subject_.refuse("a tensor's name has a control character in it");
        if (header.tensors.size() == kMaxTensors) subject_.refuse("more than 10,000 tensors");
        header.tensors.emplace_back().name = std::string_view(name);
        fields_ = 0;
    }

    void start_field(std::string_view name) {
        if (name != "dtype" && name != "shape" && name != "data_offsets")
            subject_.refuse(entry().name + " has a field beside dtype, shape and data_offsets");
        field_ = name == "dtype" ? kType : name == "shape" ? kShape : kOffsets;
        if ((fields_ & field_) != 0)
            subject_.refuse(entry().name + " has its " + std::string(name) + " twice");
        fields_ |= field_;
    }

    /// Compares offsets and product; a side of zero counts as one until the product is known.
    void finish_entry() {
        if (fields_ != kAll)
            subject_.refuse(entry().name + " is not described by dtype, shape and data_offsets");
        std::uint64_t bytes = kTypeBytes.find(entry().type)->second;
        for (const std::int64_t side : entry().shape) {
            const auto factor = static_cast<std::uint64_t>(std::max<std::int64_t>(side, 1));
            if (bytes > kMaxBytes / factor) subject_.refuse(entry().name + " is too large");
            bytes *= factor;
        }
        if (std::ranges::count(entry().shape, 0) > 0) bytes = 0;
        if (entry().begin > entry().end || entry().end - entry().begin != bytes)
            subject_.refuse(
                entry().name + " has offsets that do not fit its shape",
                std::to_string(bytes) + " bytes",
                std::to_string(entry().begin) + " to " + std::to_string(entry().end));
    }

    Subject subject_;
    Place place_ = Place::kOutside;
    Place named_ = Place::kEntry;  ///< what the object at hand in the root is
    Field field_ = kType;          ///< at hand in the entry
    unsigned fields_ = 0;          ///< seen in the entry
    bool has_metadata_ = false;
    std::string* metadatum_ = nullptr;
    std::vector<std::uint64_t> numbers_;  ///< of the list at hand
};

void require_contiguous(
    const std::vector<TensorEntry>& entries, std::uint64_t data_bytes, const Subject& subject) {
    std::uint64_t at = 0;
    for (const TensorEntry& entry : entries) {
        if (entry.begin != at)
            subject.refuse(
                entry.name + (entry.begin < at ? " overlaps another tensor" : " leaves a gap"),
                "offset " + std::to_string(at),
                std::to_string(entry.begin));
        at = entry.end;
    }
    if (at != data_bytes)
        subject.refuse(
            at > data_bytes ? "the file is cut short" : "the file has bytes behind its tensors",
            std::to_string(at) + " bytes of tensors",
            std::to_string(data_bytes));
}

}  // namespace

SafetensorsHeader parse_safetensors_header(
    std::string_view json, std::uint64_t data_bytes, std::string_view file) {
    const Subject subject{file};
    if (json.empty() || json.front() != '{')
        subject.refuse("not a safetensors file: its header is not a JSON object");
    json = json.substr(0, json.find_last_not_of(' ') + 1);
    require_sound_tokens(json, subject);
    HeaderEvents events(json.size(), subject);
    Json::sax_parse(json, &events);  // to the last byte, and a comment is none
    std::vector<TensorEntry>& tensors = events.header.tensors;
    std::ranges::sort(tensors, {}, &TensorEntry::name);
    const auto twice = std::ranges::adjacent_find(tensors, {}, &TensorEntry::name);
    if (twice != tensors.end()) subject.refuse("its header names " + twice->name + " twice");
    std::ranges::sort(tensors, {}, [](const TensorEntry& e) { return std::pair(e.begin, e.end); });
    require_contiguous(tensors, data_bytes, subject);
    return std::move(events.header);
}

}  // namespace georgia
