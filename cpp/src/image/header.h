#pragma once

#include "georgia/image/decode.h"

namespace georgia {

/// Refuses a PNG whose chunks do not run unbroken to IEND, or a JPEG without its end marker: the
/// decoders below would fill the missing rows in silence.
void require_complete(std::span<const std::uint8_t> bytes, Format format, std::string_view subject);

}  // namespace georgia
