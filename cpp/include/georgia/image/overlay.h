#pragma once

#include <span>

#include "georgia/image/image.h"

namespace georgia {

/// An image (RGB) under the highest values of a map of its size (H, W): those above 90 % of all
/// values red, above 80 % orange, above 70 % yellow, half covering. Equal values are in one band;
/// a map without differences covers nothing.
Image overlay(const Image& image, std::span<const float> map);

/// A map as gray levels, its lowest value black and its highest white.
Image gray_of(std::span<const float> map, int height, int width);

}  // namespace georgia
