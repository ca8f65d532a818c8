#pragma once

#include <string>
#include <vector>

#include "georgia/base/progress.h"
#include "georgia/data/sample.h"
#include "georgia/image/fingerprint.h"

namespace georgia {

/// What is known of a file of a data set.
struct FileFacts {
    std::int64_t bytes = 0;
    std::string sha256;
    std::string error;  ///< why it was refused, empty where it was not
    Format format = Format::kPng;
    int height = 0;  ///< upright, before cropping; 0 where pixels were not asked for
    int width = 0;
    int channels = 0;
    int bits = 0;  ///< of a sample in the file
    bool is_cmyk = false;
    int orientation = 1;  ///< EXIF
    std::string taken;    ///< EXIF: "2026:11:22 10:30:00" by the camera's clock, or empty
    Fingerprint pixels;   ///< of the image as it was read and cropped
};

struct InspectOptions {
    int threads = 1;
    bool pixels = true;  ///< decode too; otherwise only what can be said without
    Reading reading;
};

/// Reads every file once. In the order of the paths; a file that cannot be read has its reason.
std::vector<FileFacts> inspect_files(
    const std::vector<std::string>& paths, const InspectOptions& options, Progress& progress);

}  // namespace georgia
