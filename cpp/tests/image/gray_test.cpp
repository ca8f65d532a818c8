#include "georgia/image/gray.h"

#include "catch.h"
#include "image/picture.h"

using namespace georgia;

TEST_CASE("gray in colour is told from colour by any one sample") {
    Image image = picture(5, 7, 3);
    CHECK_FALSE(is_gray_in_colour(image));
    for (std::size_t p = 0; p < image.pixels.size(); p += 3)
        image.pixels[p + 1] = image.pixels[p + 2] = image.pixels[p];
    CHECK(is_gray_in_colour(image));
    const Image gray = first_channel(image);
    CHECK(gray.channels == 1);
    for (std::size_t p = 0; p < gray.pixels.size(); ++p)
        CHECK(gray.pixels[p] == image.pixels[3 * p]);
    for (const std::size_t sample : {0, 1, 2, 52, 104}) {
        Image coloured = image;
        coloured.pixels[sample] ^= 1;
        CHECK_FALSE(is_gray_in_colour(coloured));
    }
    CHECK_FALSE(is_gray_in_colour(picture(5, 7, 1)));
    CHECK_FALSE(is_gray_in_colour(picture(5, 7, 4)));
}
