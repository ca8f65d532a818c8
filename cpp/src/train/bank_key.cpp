#include "train/bank_key.h"

#include "georgia/base/sha256.h"

#include "nn/options_json.h"

namespace georgia {

std::string key_of(const std::vector<std::string>& texts) {
    const std::string all = nlohmann::json(texts).dump();
    return sha256_hex({reinterpret_cast<const std::uint8_t*>(all.data()), all.size()});
}

std::string key_of_images(const Preprocess& preprocess) {
    constexpr std::string_view kPixels = "pixels 2 ";  // another number where they change
    return std::string(kPixels) + options_to_json(preprocess).dump();
}

std::string key_of_views(const TrainOptions& options, std::int64_t first_epoch) {
    return key_of(
        {options_to_json(options.augment).dump(),
         options_to_json(options.imbalance).dump(),
         std::to_string(options.seed),
         std::to_string(options.bank_views),
         std::to_string(first_epoch)});
}

}  // namespace georgia
