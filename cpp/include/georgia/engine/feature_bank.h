#pragma once

#include <ATen/core/Tensor.h>
#include <vector>

namespace georgia {

/// What a frozen part of a network gives for images, kept so that it is computed once. Rows are
/// images, in the order of a split.
class FeatureBank {
  public:
    /// Keeps nothing where all rows would take more than so many bytes.
    FeatureBank(std::int64_t rows, std::int64_t budget) : rows_(rows), budget_(budget) {}

    /// Keeps the values (n, ...) of the rows from `first` on, one tensor for each end of the part.
    void put(std::int64_t first, const std::vector<at::Tensor>& values);

    /// True when every row is there.
    bool is_complete() const {
        return rows_ > 0 && kept_ == rows_;
    }

    /// The values of so many rows from `first` on; nobody may write to them.
    std::vector<at::Tensor> rows(std::int64_t first, std::int64_t count) const;

    void clear();

  private:
    std::int64_t rows_;
    std::int64_t budget_;
    std::int64_t kept_ = 0;            // leading rows that are there
    std::vector<at::Tensor> columns_;  // (rows, ...) for each end; none before the first put
};

}  // namespace georgia
