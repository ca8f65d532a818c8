#pragma once

#include <ATen/core/Tensor.h>
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace georgia {

class MappedFile;

/// Where a bank is kept as a file, and found again by everyone who needs the same.
struct BankFile {
    std::filesystem::path folder;
    std::string key;  ///< of all that decides its values; the file's name, and written in it
    std::function<void(const std::string&)> on_refusal;  ///< told why there will be no file

    std::filesystem::path path() const {
        return folder / (key + ".bank");
    }
};

/// What one end of a frozen part gives.
struct BankColumn {
    at::Tensor rows;                  ///< (rows, values of an image), as they lie in memory
    std::vector<std::int64_t> shape;  ///< of an image: (C, H, W) or (D)
};

/// What a frozen part of a network gives for images, kept so that it is computed once: in memory,
/// or on the CPU in a file that is mapped into it.
class FeatureBank {
  public:
    /// Keeps nothing where all rows would take more than so many bytes. A whole bank that lies in
    /// the file is there at once; a new one gets its name when its last row comes. Where the folder
    /// cannot be written there is no file, and the rows are kept all the same. Throws BadInput
    /// where the file is not of that key and number of rows, IoError where it cannot be read.
    FeatureBank(std::int64_t rows, std::int64_t budget, const std::optional<BankFile>& file = {});

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
    bool make_room(const std::vector<at::Tensor>& values);

    /// False, and the refusal told, where no file can be made for such columns.
    bool make_file(std::vector<BankColumn>& columns);

    void keep_file();

    std::int64_t rows_;
    std::int64_t budget_;
    std::vector<std::atomic<bool>> holds_;  // (rows)
    std::vector<BankColumn> columns_;       // by end; none before the first put
    std::optional<BankFile> file_;
    std::shared_ptr<MappedFile> unfinished_;  // a new file, until all rows are there
};

}  // namespace georgia
