#include "georgia/engine/feature_bank.h"

#include <ATen/ATen.h>

namespace georgia {

void FeatureBank::put(std::int64_t first, const std::vector<at::Tensor>& values) {
    if (first != kept_) return;  // a gap would never be filled
    if (columns_.empty()) {
        std::int64_t bytes = 0;
        for (const at::Tensor& value : values)
            bytes += rows_ * value.numel() / value.size(0) * value.element_size();
        if (bytes > budget_) return;
        for (const at::Tensor& value : values) {
            std::vector<std::int64_t> sizes = value.sizes().vec();
            sizes[0] = rows_;
            columns_.push_back(at::empty(sizes, value.options(), value.suggest_memory_format()));
        }
    }
    for (std::size_t i = 0; i < values.size(); ++i)
        columns_[i].slice(0, first, first + values[i].size(0)).copy_(values[i]);
    kept_ += values.front().size(0);
}

std::vector<at::Tensor> FeatureBank::rows(std::int64_t first, std::int64_t count) const {
    std::vector<at::Tensor> values;
    for (const at::Tensor& column : columns_)
        values.push_back(column.slice(0, first, first + count));
    return values;
}

void FeatureBank::clear() {
    kept_ = 0;
    columns_.clear();
}

}  // namespace georgia
