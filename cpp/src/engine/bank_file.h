#pragma once

#include <memory>
#include <vector>

#include "georgia/engine/feature_bank.h"

namespace georgia {

/// The columns of a whole bank in its file, not to be written. Throws BadInput where the file is
/// damaged, or is of another key or number of rows.
std::vector<BankColumn> open_bank(const BankFile& file, std::int64_t rows);

/// A new file for columns of those shapes and types, which then have their rows there.
std::shared_ptr<MappedFile> create_bank(
    const BankFile& file, std::int64_t rows, std::vector<BankColumn>& columns);

}  // namespace georgia
