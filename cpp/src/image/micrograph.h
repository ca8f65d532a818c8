#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "georgia/base/random.h"
#include "georgia/image/image.h"

namespace georgia {

/// How a transparent body looks in relief contrast.
struct Look {
    double fill = 0;      ///< brightness inside, against the background
    double relief = 1;    ///< bright on the side that faces the light, dark on the other
    double rim = 0.5;     ///< darkness of every edge
    double softness = 1;  ///< width of the edges in canvas pixels
};

/// A field of relative brightness, drawn at twice the final resolution.
class Micrograph {
  public:
    Micrograph(int size, RandomStream& random);

    /// Side of the canvas in canvas pixels.
    double side() const {
        return static_cast<double>(field_.rows);
    }

    /// A body with that outline, in canvas pixels.
    void stamp(const std::vector<cv::Point2d>& outline, const Look& look);

    /// A body whose density, 0 to 255, is given; its corner lies at that pixel.
    void stamp(const cv::Mat1b& density, cv::Point corner, const Look& look);

    /// Dust and bubbles, as every slide has them.
    void litter();

    /// Through focus, uneven light and sensor to (size, size, 3) uint8.
    Image develop();

  private:
    cv::Mat1f uneven_light();

    RandomStream& random_;
    cv::Mat1f field_;
    cv::Point2d light_;  // direction, unit length
};

}  // namespace georgia
