#include "image/decode_jpeg.h"

#include <array>
#include <csetjmp>
#include <cstdio>  // jpeglib.h needs it first
#include <jpeglib.h>
#include <string>

#include "image/composite.h"

namespace georgia {
namespace {

/// libjpeg's error handler: errors and warnings jump back to the reader with their words.
struct Stop {
    jpeg_error_mgr base;  // first: libjpeg knows only this part
    std::jmp_buf back;
    std::array<char, JMSG_LENGTH_MAX> words;
};

[[noreturn]] void jump_back(j_common_ptr info) {
    auto* stop = reinterpret_cast<Stop*>(info->err);
    info->err->format_message(info, stop->words.data());
    std::longjmp(stop->back, 1);
}

void on_message(j_common_ptr info, int level) {
    if (level < 0) jump_back(info);  // a warning: the data are damaged
}

J_COLOR_SPACE wanted_space(const ImageHeader& header) {
    if (header.is_gray) return JCS_GRAYSCALE;
    return header.is_cmyk ? JCS_CMYK : JCS_RGB;
}

/// True when every coefficient of a progressive file arrived in full: one that lacks scans decodes
/// without a warning, only coarser.
bool is_complete(const jpeg_decompress_struct& jpeg) {
    for (int component = 0; component < jpeg.num_components; ++component)
        for (int k = 0; k < DCTSIZE2; ++k)
            if (jpeg.coef_bits[component][k] != 0) return false;
    return true;
}

/// Fills the image. False when libjpeg stopped, saw another size than the header said, or
/// scans are missing.
/// Nothing here has a destructor, because a jump would pass it by.
bool read_rows(
    jpeg_decompress_struct& jpeg,
    Stop& stop,
    ByteSpan bytes,
    const ImageHeader& header,
    int reduction,
    Image& image) {
    if (setjmp(stop.back) != 0) return false;
    jpeg_create_decompress(&jpeg);
    jpeg_mem_src(&jpeg, bytes.data(), static_cast<unsigned long>(bytes.size()));
    jpeg_read_header(&jpeg, TRUE);
    if (jpeg.image_height != header.height || jpeg.image_width != header.width) return false;
    jpeg.out_color_space = wanted_space(header);
    jpeg.scale_denom = static_cast<unsigned>(reduction);
    jpeg_start_decompress(&jpeg);
    if (static_cast<int>(jpeg.output_height) != image.height ||
        static_cast<int>(jpeg.output_width) != image.width)
        return false;
    const auto stride =
        static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.channels);
    while (jpeg.output_scanline < jpeg.output_height) {
        JSAMPROW row = image.pixels.data() + jpeg.output_scanline * stride;
        jpeg_read_scanlines(&jpeg, &row, 1);
    }
    if (jpeg.progressive_mode && !is_complete(jpeg)) return false;
    jpeg_finish_decompress(&jpeg);
    return true;
}

}  // namespace

Image decode_jpeg(
    ByteSpan bytes, std::string_view subject, const ImageHeader& header, int reduction) {
    const int channels = header.is_gray ? 1 : header.is_cmyk ? 4 : 3;
    const auto reduced = [&](std::int64_t side) {
        return static_cast<int>((side + reduction - 1) / reduction);
    };
    Image image(reduced(header.height), reduced(header.width), channels);
    jpeg_decompress_struct jpeg{};
    Stop stop{};
    jpeg.err = jpeg_std_error(&stop.base);
    stop.base.error_exit = jump_back;
    stop.base.emit_message = on_message;
    const bool is_read = read_rows(jpeg, stop, bytes, header, reduction, image);
    jpeg_destroy_decompress(&jpeg);
    if (!is_read) {
        const std::string words = stop.words[0] != 0 ? stop.words.data() : "data are missing";
        refuse_image(subject, "JPEG damaged: " + words);
    }
    return header.is_cmyk ? rgb_of_inks(image) : image;
}

}  // namespace georgia
