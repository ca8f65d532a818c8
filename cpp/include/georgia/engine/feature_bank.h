#pragma once

#include <ATen/core/Tensor.h>
#include <atomic>
#include <span>
#include <vector>

namespace georgia {

/// What a frozen part of a network gives for images, kept in memory so that it is computed once.
class FeatureBank {
  public:
    /// Keeps nothing where all rows would take more than so many bytes.
    FeatureBank(std::int64_t rows, std::int64_t budget);

    /// Keeps the values (n, ...) of n rows, one tensor for each end of the part; rows that are
    /// there already stay as they are.
    void put(std::span<const std::int64_t> rows, const std::vector<at::Tensor>& values);

    /// True where a row is there; any thread may ask.
    bool holds(std::int64_t row) const {
        return holds_[static_cast<std::size_t>(row)].load(std::memory_order_acquire);
    }
    bool holds(std::span<const std::int64_t> rows) const;

    /// Copies of the values (n, ...) of rows that are there.
    std::vector<at::Tensor> get(std::span<const std::int64_t> rows) const;

    void clear();

  private:
    /// What one end gives.
    struct Column {
        at::Tensor rows;                  // (rows, values of an image), as they lie in memory
        std::vector<std::int64_t> shape;  // of an image: (C, H, W) or (D)
    };

    bool make_room(const std::vector<at::Tensor>& values);

    std::int64_t rows_;
    std::int64_t budget_;
    std::vector<std::atomic<bool>> holds_;  // (rows)
    std::vector<Column> columns_;           // by end; none before the first put
};

}  // namespace georgia
