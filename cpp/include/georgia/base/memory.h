#pragma once

#include <cstdint>

namespace georgia {

/// Resident memory of this process in bytes, now and at its highest.
std::int64_t resident_bytes();
std::int64_t peak_resident_bytes();

}  // namespace georgia
