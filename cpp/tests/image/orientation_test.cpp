#include "image/orientation.h"

#include "catch.h"
#include "image/picture.h"

using namespace georgia;

namespace {

Image of(int height, int width, Bytes pixels) {
    Image image(height, width, 1);
    image.pixels = std::move(pixels);
    return image;
}

}  // namespace

TEST_CASE("EXIF orientations are set upright") {
    // The upright picture is 1 2 3 over 4 5 6; each entry is how a camera would have stored it.
    const Bytes upright{1, 2, 3, 4, 5, 6};
    const std::vector<Image> stored{
        of(2, 3, {1, 2, 3, 4, 5, 6}),
        of(2, 3, {3, 2, 1, 6, 5, 4}),
        of(2, 3, {6, 5, 4, 3, 2, 1}),
        of(2, 3, {4, 5, 6, 1, 2, 3}),
        of(3, 2, {1, 4, 2, 5, 3, 6}),
        of(3, 2, {3, 6, 2, 5, 1, 4}),
        of(3, 2, {6, 3, 5, 2, 4, 1}),
        of(3, 2, {4, 1, 5, 2, 6, 3})};
    for (int orientation = 1; orientation <= 8; ++orientation) {
        const Image& image = stored[static_cast<std::size_t>(orientation - 1)];
        const Image result = turned(image, turn_of_exif(orientation));
        CHECK(result.height == 2);
        CHECK(result.pixels == upright);
    }
}
