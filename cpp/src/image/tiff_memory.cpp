#include "image/tiff_memory.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace georgia {
namespace {

tmsize_t read_bytes(thandle_t handle, void* target, tmsize_t size) {
    auto* source = static_cast<TiffSource*>(handle);
    const std::uint64_t left =
        source->bytes.size() - std::min<std::uint64_t>(source->at, source->bytes.size());
    const std::uint64_t taken = std::min(left, static_cast<std::uint64_t>(size));
    if (taken > 0) std::memcpy(target, source->bytes.data() + source->at, taken);
    source->at += taken;
    return static_cast<tmsize_t>(taken);
}

tmsize_t write_nothing(thandle_t, void*, tmsize_t) {
    return 0;
}

toff_t seek_to(thandle_t handle, toff_t offset, int whence) {
    auto* source = static_cast<TiffSource*>(handle);
    const std::uint64_t base = whence == SEEK_SET   ? 0
                               : whence == SEEK_CUR ? source->at
                                                    : source->bytes.size();
    source->at = base + offset;
    return source->at;
}

int close_nothing(thandle_t) {
    return 0;
}

toff_t size_of(thandle_t handle) {
    return static_cast<TiffSource*>(handle)->bytes.size();
}

int keep_first_error(TIFF*, void* user, const char*, const char* format, va_list values) {
    auto* source = static_cast<TiffSource*>(user);
    if (source->error[0] == 0)
        std::vsnprintf(source->error.data(), source->error.size(), format, values);
    return 1;  // told; libtiff need not print it
}

int ignore_warning(TIFF*, void*, const char*, const char*, va_list) {
    return 1;
}

}  // namespace

TiffFile open_tiff(TiffSource& source) {
    TIFFOpenOptions* options = TIFFOpenOptionsAlloc();
    TIFFOpenOptionsSetErrorHandlerExtR(options, keep_first_error, &source);
    TIFFOpenOptionsSetWarningHandlerExtR(options, ignore_warning, &source);
    TIFF* tiff = TIFFClientOpenExt(
        "image",
        "rm",
        &source,
        read_bytes,
        write_nothing,
        seek_to,
        close_nothing,
        size_of,
        nullptr,
        nullptr,
        options);
    TIFFOpenOptionsFree(options);
    return TiffFile(tiff);
}

}  // namespace georgia
