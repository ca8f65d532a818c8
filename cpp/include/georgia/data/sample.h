#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "georgia/base/files.h"
#include "georgia/image/crop.h"
#include "georgia/image/decode.h"
#include "georgia/image/preprocess.h"

namespace georgia {

/// Where an image comes from: a file, the bytes of a file, or pixels already decoded; or why it
/// cannot be had, which whoever loads it is told.
using Source = std::variant<
    std::string,
    std::shared_ptr<const Bytes>,
    std::shared_ptr<const Image>,
    std::exception_ptr>;

/// One image of a data set.
struct Sample {
    Source source;
    std::int64_t label = -1;  ///< index of the class, -1 when unknown
};

/// How files become pixels, before any network's frame.
struct Reading {
    DecodeLimits limits;
    DepthRange depth;
    Crop crop;
    std::optional<ReducedFor> reduced_for;  ///< a JPEG file may be decoded smaller, for that frame
};

/// The part of it that belongs to a model.
Reading reading_of(const Preprocess& preprocess, const DecodeLimits& limits);

/// The same for one who will only see images through the model's frame: JPEG files may be decoded
/// as small as that allows.
Reading reading_for_frame(const Preprocess& preprocess, const DecodeLimits& limits);

/// The stored form of the image, decoded where needed, cropped.
std::shared_ptr<const Image> load(const Source& source, const Reading& reading);

}  // namespace georgia
