#include "georgia/engine/feature_bank.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <array>
#include <c10/core/CPUAllocator.h>
#include <memory>
#include <utility>

#include "georgia/base/error.h"
#include "georgia/base/mapped_file.h"

#include "engine/bank_file.h"

namespace georgia {
namespace {

/// (n, values of an image) of planes or rows, as they lie in memory: channels last.
at::Tensor flat(const at::Tensor& value) {
    const at::Tensor last = value.dim() == 4 ? value.permute({0, 2, 3, 1}) : value;
    return last.reshape({value.size(0), -1});
}

at::Tensor unflattened(const at::Tensor& rows, const std::vector<std::int64_t>& shape) {
    if (shape.size() == 1) return rows;
    return rows.view({rows.size(0), shape[1], shape[2], shape[0]}).permute({0, 3, 1, 2});
}

/// (rows, width of `some`), not filled. On the CPU it goes back to the system when it is freed,
/// which a session's allocator would not let it.
at::Tensor room_for(std::int64_t rows, const at::Tensor& some) {
    const std::array sizes{rows, some.size(1)};
    if (!some.device().is_cpu()) return at::empty(sizes, some.options());
    const auto bytes = static_cast<std::size_t>(rows * some.size(1) * some.element_size());
    auto memory = std::make_shared<c10::DataPtr>(c10::GetDefaultCPUAllocator()->allocate(bytes));
    return at::from_blob(memory->get(), sizes, [memory](void*) {}, some.options());
}

at::Tensor index_of(std::span<const std::int64_t> rows, const at::Device& device) {
    return at::tensor(at::IntArrayRef(rows.data(), rows.size()), at::kLong).to(device);
}

}  // namespace

FeatureBank::FeatureBank(
    std::int64_t rows, std::int64_t budget, const std::optional<BankFile>& file)
    : rows_(rows), budget_(budget), holds_(static_cast<std::size_t>(rows)), file_(file) {
    std::error_code unreadable;  // open_bank says why
    if (!file_ || std::filesystem::status(file_->path(), unreadable).type() ==
                      std::filesystem::file_type::not_found)
        return;
    columns_ = open_bank(*file_, rows);
    for (std::atomic<bool>& held : holds_) held = true;
}

bool FeatureBank::make_room(const std::vector<at::Tensor>& values) {
    if (!columns_.empty()) return true;
    std::int64_t bytes = 0;
    for (const at::Tensor& value : values)
        bytes += rows_ * (value.numel() / value.size(0)) * value.element_size();
    if (bytes > budget_) return false;
    std::vector<BankColumn> columns;
    for (const at::Tensor& value : values)
        columns.push_back(
            {flat(value).slice(0, 0, 0), {value.sizes().begin() + 1, value.sizes().end()}});
    try {
        if (!values[0].device().is_cpu() || !make_file(columns))
            for (std::size_t i = 0; i < values.size(); ++i)
                columns[i].rows = room_for(rows_, flat(values[i]));
    } catch (const c10::OutOfMemoryError&) {
        budget_ = 0;  // the network needs what a GPU has
        return false;
    }
    columns_ = std::move(columns);
    return true;
}

bool FeatureBank::make_file(std::vector<BankColumn>& columns) {
    if (!file_) return false;
    try {
        unfinished_ = create_bank(*file_, rows_, columns);
    } catch (const IoError& refusal) {
        if (file_->on_refusal) file_->on_refusal(refusal.what());
        file_.reset();
    }
    return file_.has_value();
}

void FeatureBank::keep_file() {
    unfinished_->write_back();  // what the disk did not take may be lost from the map too
    try {
        std::exchange(unfinished_, nullptr)->keep();
    } catch (const IoError& refusal) {
        if (file_->on_refusal) file_->on_refusal(refusal.what());
        file_.reset();
    }
}

void FeatureBank::put(std::span<const std::int64_t> rows, const std::vector<at::Tensor>& values) {
    if (!make_room(values)) return;
    std::vector<std::int64_t> fresh;   // rows
    std::vector<std::int64_t> places;  // of them in the values
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (holds(rows[i])) continue;
        fresh.push_back(rows[i]);
        places.push_back(static_cast<std::int64_t>(i));
    }
    if (fresh.empty()) return;
    const at::Device device = values[0].device();
    for (std::size_t i = 0; i < values.size(); ++i)
        columns_[i].rows.index_copy_(
            0, index_of(fresh, device), flat(values[i]).index_select(0, index_of(places, device)));
    for (const std::int64_t row : fresh)
        holds_[static_cast<std::size_t>(row)].store(true, std::memory_order_release);
    if (unfinished_ && std::ranges::all_of(holds_, [](const auto& held) { return held.load(); }))
        keep_file();
}

bool FeatureBank::holds(std::span<const std::int64_t> rows) const {
    return std::ranges::all_of(rows, [&](std::int64_t row) { return holds(row); });
}

std::vector<at::Tensor> FeatureBank::get(std::span<const std::int64_t> rows) const {
    std::vector<at::Tensor> values;
    for (const BankColumn& column : columns_)
        values.push_back(unflattened(
            column.rows.index_select(0, index_of(rows, column.rows.device())), column.shape));
    return values;
}

void FeatureBank::clear() {
    for (std::atomic<bool>& held : holds_) held = false;
    columns_.clear();
    unfinished_.reset();
}

}  // namespace georgia
