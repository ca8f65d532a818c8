#include "georgia/data/loader.h"

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

#include "georgia/base/error.h"

namespace georgia {
namespace {

/// condition.wait(lock, ready). GCC 12 binds that call to a symbol which libstdc++ of the older
/// systems the wheel should run on does not have; the timed form has none.
template <class Ready>
void wait(std::condition_variable& condition, std::unique_lock<std::mutex>& lock, Ready ready) {
    while (!condition.wait_for(lock, std::chrono::hours(1), ready)) {
    }
}

std::vector<std::int64_t> labels_of(const std::vector<Sample>& samples) {
    std::vector<std::int64_t> labels;
    labels.reserve(samples.size());
    for (const Sample& sample : samples) labels.push_back(sample.label);
    return labels;
}

}  // namespace

void BatchView::rethrow_failure() const {
    for (const auto& failure : failures)
        if (failure) std::rethrow_exception(failure);
}

Loader::Loader(std::vector<Sample> samples, Preprocess preprocess, LoaderOptions options)
    : samples_(std::move(samples)),
      preprocess_(std::move(preprocess)),
      reading_(reading_for_frame(preprocess_, options.limits)),
      options_(std::move(options)),
      order_(labels_of(samples_), options_.sampling, options_.balance_to),
      plan_(order_.count(), options_.batch),
      total_(plan_.batches() * options_.epochs) {
    if (options_.batch < 1 || options_.slots < 2 || options_.threads < 0 || options_.threads > 1024)
        throw InvalidOption("Loader", "", "expected batch >= 1, slots >= 2, 0 <= threads <= 1024");
    slots_.resize(static_cast<std::size_t>(std::min<std::int64_t>(options_.slots, total_)));
    for (Slot& slot : slots_) {
        const auto rows = static_cast<std::size_t>(plan_.largest());
        slot.pixels.resize(rows * preprocess_.row_bytes());
        slot.samples.resize(rows);
        slot.entries.resize(rows);
        slot.failures.resize(rows);
    }
    try {
        for (int i = 0; i < options_.threads; ++i)
            workers_.emplace_back("georgia-load", Priority::kLowest, [this] { work(); });
    } catch (const std::system_error& error) {
        stop();  // those that did start wait for work, and their destructors wait for them
        throw IoError("Loader", "threads", error.what());
    }
}

Loader::~Loader() {
    stop();
}

void Loader::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    task_ready_.notify_all();
    workers_.clear();
}

void Loader::seek(Position position) {
    std::unique_lock lock(mutex_);
    next_batch_ = total_;  // hands out no more rows
    wait(row_done_, lock, [&] { return in_flight_ == 0; });
    used_ = next_batch_ = position.epoch * plan_.batches() + position.batch;
    next_row_ = 0;
    is_lent_ = false;
    task_ready_.notify_all();
}

BatchView Loader::next() {
    std::unique_lock lock(mutex_);
    used_ += std::exchange(is_lent_, false) ? 1 : 0;
    if (used_ >= total_) return {};
    task_ready_.notify_all();

    Slot& slot = slot_of(used_);
    if (options_.threads == 0) {
        while (next_batch_ == used_) {
            perform(take_task());
            --slot.missing;
        }
    }
    wait(row_done_, lock, [&] { return next_batch_ > used_ && slot.missing == 0; });
    is_lent_ = true;
    const Position position{used_ / plan_.batches(), used_ % plan_.batches()};
    const auto count = static_cast<std::size_t>(plan_.size(position.batch));
    return {
        position,
        plan_.size(position.batch),
        slot.pixels.data(),
        std::span(slot.samples).first(count),
        std::span(slot.entries).first(count),
        std::span(slot.failures).first(count)};
}

void Loader::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        wait(task_ready_, lock, [&] { return stopping_ || has_task(); });
        if (stopping_) return;
        const Task task = take_task();
        ++in_flight_;
        lock.unlock();
        perform(task);
        lock.lock();
        --in_flight_;
        if (--task.slot->missing == 0 || in_flight_ == 0) row_done_.notify_all();
    }
}

Loader::Task Loader::take_task() {
    const std::int64_t epoch = next_batch_ / plan_.batches();
    const std::int64_t batch = next_batch_ % plan_.batches();
    const std::int64_t size = plan_.size(batch);
    Slot& slot = slot_of(next_batch_);
    if (next_row_ == 0) slot.missing = size;
    const bool is_shuffled = options_.shuffle || options_.sampling != Sampling::kEach;
    if (is_shuffled && shuffled_epoch_ != epoch) {
        shuffled_ = order_.shuffled(options_.seed, epoch);
        shuffled_epoch_ = epoch;
    }
    const std::int64_t rank = plan_.first(batch) + next_row_;
    const EpochOrder::Entry entry =
        is_shuffled ? shuffled_[static_cast<std::size_t>(rank)] : EpochOrder::Entry{rank, rank};
    const Task task{&slot, next_row_, entry, epoch};
    if (++next_row_ == size) {
        ++next_batch_;
        next_row_ = 0;
    }
    return task;
}

std::shared_ptr<const Image> Loader::image_of(const Source& source) const {
    const auto* path = std::get_if<std::string>(&source);
    if (path == nullptr || !options_.cache) return load(source, reading_);
    if (auto kept = options_.cache->find(*path)) return kept;
    return options_.cache->keep(*path, load(source, reading_));
}

void Loader::perform(const Task& task) noexcept {
    const auto row = static_cast<std::size_t>(task.row);
    std::uint8_t* target = task.slot->pixels.data() + row * preprocess_.row_bytes();
    task.slot->samples[row] = task.entry.sample;
    task.slot->entries[row] = task.entry.entry;
    task.slot->failures[row] = nullptr;
    const ViewOptions& views = options_.views;
    if (!options_.pixels) return;
    if (views.repeats(task.epoch) && views.is_known &&
        views.is_known(task.entry.entry, views.of_epoch(task.epoch)))
        return;
    try {
        const auto& sample = samples_[static_cast<std::size_t>(task.entry.sample)];
        const auto image = image_of(sample.source);
        const Augmentation drawn = augmentation_of(
            options_.augment, options_.seed, views.epoch_shown(task.epoch), task.entry.entry);
        place(*image, preprocess_, drawn, target);
    } catch (...) {
        task.slot->failures[row] = std::current_exception();
        std::fill_n(target, preprocess_.row_bytes(), std::uint8_t{0});
    }
}

}  // namespace georgia
