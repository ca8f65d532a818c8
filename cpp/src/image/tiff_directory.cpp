#include "image/tiff_directory.h"

#include <algorithm>
#include <array>
#include <limits>

namespace georgia {
namespace {

/// Bytes of a whole number of a type, from 1 (BYTE) to 16 (LONG8), with sign or without; 0 for
/// types that are no whole numbers.
std::size_t size_of_type(std::uint32_t type) {
    constexpr std::array<std::size_t, 18> kSizes{
        0, 1, 0, 2, 4, 0, 1, 0, 2, 4, 0, 0, 0, 0, 0, 0, 8, 8};
    return type < kSizes.size() ? kSizes[type] : 0;
}

constexpr std::uint32_t kMostText = 64;  // bytes

}  // namespace

std::optional<TiffDirectory> TiffDirectory::first(ByteSpan bytes) {
    if (bytes.size() < 8) return std::nullopt;
    const bool is_little = bytes[0] == 'I' && bytes[1] == 'I';
    const bool is_big = bytes[0] == 'M' && bytes[1] == 'M';
    if (!is_little && !is_big) return std::nullopt;
    TiffDirectory directory(bytes, is_little);
    if (directory.number(2, 2) != 42 || !directory.read(directory.number(4, 4)))
        return std::nullopt;
    return directory;
}

bool TiffDirectory::read(std::size_t at) {
    if (at < 8 || at > bytes_.size() - 2) return false;
    const std::size_t count = number(at, 2);
    const std::size_t end = at + 2 + 12 * count;
    if (end > bytes_.size()) return false;
    entries_.clear();
    for (std::size_t entry = at + 2; entry < end; entry += 12)
        entries_.push_back(
            {number(entry, 2), number(entry + 2, 2), number(entry + 4, 4), entry + 8});
    next_ = end + 4 <= bytes_.size() ? number(end, 4) : 0;  // EXIF blocks may leave it out
    return true;
}

const TiffDirectory::Entry* TiffDirectory::find(std::uint32_t tag) const {
    const auto found = std::ranges::find(entries_, tag, &Entry::tag);
    return found == entries_.end() ? nullptr : &*found;
}

std::vector<std::uint32_t> TiffDirectory::values(std::uint32_t tag) const {
    return read_values(tag, std::numeric_limits<std::uint32_t>::max());
}

std::vector<std::uint32_t> TiffDirectory::read_values(
    std::uint32_t tag, std::uint32_t at_most) const {
    const Entry* entry = find(tag);
    if (entry == nullptr) return {};
    const std::size_t size = size_of_type(entry->type);
    const std::uint64_t bytes = std::uint64_t{entry->count} * size;
    const std::uint64_t at = bytes <= 4 ? entry->at : number(entry->at, 4);
    if (size == 0 || at + bytes > bytes_.size()) return {};
    std::vector<std::uint32_t> numbers;
    const std::size_t low = size == 8 && !is_little_ ? 4 : 0;  // of eight bytes the lower four
    for (std::uint64_t i = 0; i < std::min(entry->count, at_most); ++i)
        numbers.push_back(number(at + i * size + low, std::min<std::size_t>(size, 4)));
    return numbers;
}

std::uint32_t TiffDirectory::value(std::uint32_t tag, std::uint32_t otherwise) const {
    const auto numbers = read_values(tag, 1);
    return numbers.empty() ? otherwise : numbers.front();
}

std::string TiffDirectory::text(std::uint32_t tag) const {
    constexpr std::uint32_t kText = 2;
    const Entry* entry = find(tag);
    if (entry == nullptr || entry->type != kText) return {};
    const std::uint64_t at = entry->count <= 4 ? entry->at : number(entry->at, 4);
    if (at + entry->count > bytes_.size()) return {};
    const auto bytes = bytes_.subspan(at, std::min(entry->count, kMostText));
    return {bytes.begin(), std::ranges::find(bytes, 0)};
}

std::optional<TiffDirectory> TiffDirectory::below(std::uint32_t tag) const {
    TiffDirectory directory(bytes_, is_little_);
    if (!has(tag) || !directory.read(value(tag, 0))) return std::nullopt;
    return directory;
}

bool TiffDirectory::is_ordered() const {
    return std::ranges::is_sorted(entries_, std::ranges::less_equal{}, &Entry::tag);
}

std::int64_t TiffDirectory::count_pages(std::int64_t at_most) const {
    std::int64_t pages = 1;
    std::size_t at = next_;
    while (at >= 8 && at + 2 <= bytes_.size() && pages < at_most) {
        ++pages;
        const std::size_t end = at + 2 + std::size_t{12} * number(at, 2);
        if (end + 4 > bytes_.size()) break;
        at = number(end, 4);
    }
    return pages;
}

namespace {

/// The text where it is a time, as "2026:11:22 10:30:00"; a clock that was never set is none.
std::string as_time(const std::string& text) {
    constexpr std::string_view kForm = "dddd:dd:dd dd:dd:dd";
    if (text.size() != kForm.size() || text.starts_with("0000")) return {};
    for (std::size_t i = 0; i < kForm.size(); ++i) {
        const bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (kForm[i] == 'd' ? !is_digit : text[i] != kForm[i]) return {};
    }
    return text;
}

}  // namespace

Exif exif_of(ByteSpan block) {
    constexpr std::uint32_t kOrientation = 274;
    constexpr std::uint32_t kChanged = 306;
    constexpr std::uint32_t kExif = 34665;
    constexpr std::uint32_t kTaken = 36867;
    const auto directory = TiffDirectory::first(block);
    if (!directory) return {};
    Exif exif;
    const std::uint32_t stated = directory->value(kOrientation, 1);
    if (stated >= 1 && stated <= 8) exif.orientation = static_cast<int>(stated);
    if (const auto more = directory->below(kExif)) exif.taken = as_time(more->text(kTaken));
    if (exif.taken.empty()) exif.taken = as_time(directory->text(kChanged));
    return exif;
}

}  // namespace georgia
