#pragma once

#include <cstddef>
#include <cstdint>

namespace georgia {

/// Undoes the filter of one row in place (PNG specification, section 9). False for an unknown
/// filter. Both rows may be read and written 4 bytes beyond their end; above is all zeros for the
/// first row. step is the distance in bytes to the pixel on the left.
bool unfilter(
    int filter, std::uint8_t* row, const std::uint8_t* above, std::size_t size, std::size_t step);

}  // namespace georgia
