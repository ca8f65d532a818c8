#include "engine/bank_file.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <array>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "georgia/base/error.h"
#include "georgia/base/mapped_file.h"

namespace georgia {
namespace {

// Note [A bank's file]: a page of JSON, filled up with zeros, then the columns one after another,
// each begun at a multiple of 64 bytes. Only whole banks ever have their name.
constexpr std::size_t kHeader = 4096;
constexpr std::int64_t kAlignment = 64;
constexpr std::string_view kFormat = "georgia feature bank 1";

std::int64_t width_of(const std::vector<std::int64_t>& shape) {
    std::int64_t width = 1;
    for (const std::int64_t side : shape) width *= side;
    return width;
}

std::int64_t bytes_of(const BankColumn& column, std::int64_t rows) {
    const std::int64_t bytes =
        rows * width_of(column.shape) * static_cast<std::int64_t>(column.rows.element_size());
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

std::size_t size_of(const std::vector<BankColumn>& columns, std::int64_t rows) {
    std::size_t size = kHeader;
    for (const BankColumn& column : columns)
        size += static_cast<std::size_t>(bytes_of(column, rows));
    return size;
}

/// Lets columns of known shapes and types lie in the file; they keep it open.
void place_in(
    const std::shared_ptr<MappedFile>& file, std::int64_t rows, std::vector<BankColumn>& columns) {
    std::uint8_t* place = file->data() + kHeader;
    for (BankColumn& column : columns) {
        const std::array sizes{rows, width_of(column.shape)};
        const std::int64_t bytes = bytes_of(column, rows);
        column.rows = at::from_blob(
            place, sizes, [file](void*) {}, at::TensorOptions(column.rows.scalar_type()));
        place += bytes;
    }
}

nlohmann::json described(
    const BankFile& file, std::int64_t rows, const std::vector<BankColumn>& columns) {
    nlohmann::json list = nlohmann::json::array();
    for (const BankColumn& column : columns)
        list.push_back(
            {{"shape", column.shape}, {"half", column.rows.scalar_type() == at::kBFloat16}});
    return {{"format", kFormat}, {"key", file.key}, {"rows", rows}, {"columns", list}};
}

std::vector<BankColumn> columns_of(const nlohmann::json& header) {
    std::vector<BankColumn> columns;
    for (const nlohmann::json& column : header.at("columns")) {
        const auto type = column.at("half").get<bool>() ? at::kBFloat16 : at::kFloat;
        columns.push_back({at::empty({0}, type), column.at("shape")});
    }
    return columns;
}

}  // namespace

std::vector<BankColumn> open_bank(const BankFile& file, std::int64_t rows) {
    const std::string path = file.path().string();
    const auto mapped = std::make_shared<MappedFile>(MappedFile::open(path));
    const std::size_t page = std::min(kHeader, mapped->size());
    const auto* text = reinterpret_cast<const char*>(mapped->data());
    const auto header = nlohmann::json::parse(
        std::string_view(text, ::strnlen(text, page)), nullptr, /*allow_exceptions=*/false);
    std::vector<BankColumn> columns;
    try {
        columns = columns_of(header);
        if (header != described(file, rows, columns) || size_of(columns, rows) != mapped->size())
            columns.clear();
    } catch (const nlohmann::json::exception&) {
        columns.clear();
    }
    if (columns.empty())
        throw BadInput(
            "train",
            path,
            "is not the whole bank that its name says; delete it, and it will be made anew");
    place_in(mapped, rows, columns);
    return columns;
}

std::shared_ptr<MappedFile> create_bank(
    const BankFile& file, std::int64_t rows, std::vector<BankColumn>& columns) {
    const auto mapped =
        std::make_shared<MappedFile>(MappedFile::create(file.path(), size_of(columns, rows)));
    const std::string header = described(file, rows, columns).dump();
    if (header.size() >= kHeader)
        throw InternalError("train", file.path().string(), "more columns than a header describes");
    std::memcpy(mapped->data(), header.data(), header.size());
    place_in(mapped, rows, columns);
    return mapped;
}

}  // namespace georgia
