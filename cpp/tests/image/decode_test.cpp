#include "georgia/image/decode.h"

#include "georgia/base/error.h"
#include "georgia/image/encode.h"

#include "catch.h"
#include "image/picture.h"

using namespace georgia;

TEST_CASE("PNG comes back as it was, in 1, 3 and 4 channels") {
    for (const int channels : {1, 3, 4}) {
        const Image image = picture(13, 17, channels);
        const Image back = decode(encode_png(image), "test").image;
        CHECK(back.channels == channels);
        CHECK(back.height == 13);
        CHECK(back.pixels == image.pixels);
    }
}

TEST_CASE("every truncation of a PNG is refused") {
    const auto bytes = encode_png(picture(9, 9, 3));
    for (std::size_t size = 0; size < bytes.size(); ++size)
        CHECK_THROWS_AS(decode(std::span(bytes).first(size), "test"), BadInput);
}

TEST_CASE("what is no image is refused by its first bytes") {
    const std::string text = "this is a text file, whatever it is called";
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    CHECK_THROWS_WITH(decode(bytes, "photo.png"), ContainsSubstring("photo.png"));
    CHECK_THROWS_AS(decode(bytes, "photo.png"), BadInput);
}

TEST_CASE("a header that claims too much is refused before memory is taken") {
    auto bytes = encode_png(picture(9, 9, 3));
    bytes[16] = 0x7F;  // width becomes 2,130,706,441
    CHECK_THROWS_WITH(decode(bytes, "bomb"), ContainsSubstring("too large"));
    DecodeLimits limits;
    limits.max_pixels = 80;
    CHECK_THROWS_AS(decode(encode_png(picture(9, 9, 3)), "big", limits), BadInput);
    limits.max_pixels = 81;
    CHECK_NOTHROW(decode(encode_png(picture(9, 9, 3)), "fits", limits));
}
