#pragma once

namespace georgia {

/// What this machine's convolutions reach, in operations (additions and multiplications) a second.
struct PrecisionProbe {
    double float32 = 0;
    double bfloat16 = 0;

    double gain() const {
        return bfloat16 / float32;
    }
};

/// Measured in about 100 ms, once in the life of a process, on the CPU.
const PrecisionProbe& probe_precision();

}  // namespace georgia
