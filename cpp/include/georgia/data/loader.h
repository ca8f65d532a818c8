#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "georgia/base/threads.h"
#include "georgia/data/cache.h"
#include "georgia/data/epoch_order.h"
#include "georgia/data/epoch_plan.h"
#include "georgia/data/sample.h"
#include "georgia/image/augment.h"
#include "georgia/image/preprocess.h"

namespace georgia {

/// Whether epochs show each entry always anew, or a few augmented views of it again and again.
struct ViewOptions {
    std::int64_t count = 0;  ///< views of each entry; 0: every epoch has its own
    std::int64_t first = 0;  ///< the epoch that shows the first view
    /// True where nobody will look at the pixels of that view, which are then not loaded. Any
    /// thread may ask; it must not throw.
    std::function<bool(std::int64_t entry, std::int64_t view)> is_known;

    bool repeats(std::int64_t epoch) const {
        return count > 0 && epoch >= first;
    }

    /// The epoch whose augmentation an epoch shows.
    std::int64_t epoch_shown(std::int64_t epoch) const {
        return repeats(epoch) ? first + of_epoch(epoch) : epoch;
    }

    /// Which view an epoch that repeats them shows.
    std::int64_t of_epoch(std::int64_t epoch) const {
        return (epoch - first) % count;
    }
};

struct LoaderOptions {
    std::int64_t batch = 32;
    std::int64_t epochs = 1;
    int threads = 1;  ///< 0 decodes on the caller's thread
    int slots = 4;    ///< batches held at once; the bound on memory
    bool shuffle = false;
    Sampling sampling = Sampling::kEach;  ///< another one shuffles too
    std::int64_t balance_to = 0;
    std::uint64_t seed = 0;
    AugmentOptions augment = AugmentOptions::none();
    DecodeLimits limits;
    ViewOptions views;
    bool pixels = true;                  ///< false: only the order is wanted
    std::shared_ptr<DecodeCache> cache;  ///< of files; null: each is decoded whenever it is needed
};

/// One batch, valid until the loader's next call.
struct BatchView {
    Position position;
    std::int64_t count = 0;
    const std::uint8_t* pixels = nullptr;          // (count, height, width, channels) uint8
    std::span<const std::int64_t> samples;         // (count) indices into the samples
    std::span<const std::int64_t> entries;         // (count) of the epoch's order
    std::span<const std::exception_ptr> failures;  // (count) null where the row is good

    /// Throws the first failure of the batch, if any.
    void rethrow_failure() const;
};

/// Note [Batches do not depend on threads]: the order of an epoch follows from (seed, epoch), the
/// augmentation of an entry from (seed, epoch, entry), and every row is written into a place that
/// follows from its rank alone. Threads take ranks in order and fill a ring of preallocated slots.
class Loader {
  public:
    Loader(std::vector<Sample> samples, Preprocess preprocess, LoaderOptions options);
    ~Loader();
    Loader(const Loader&) = delete;
    Loader& operator=(const Loader&) = delete;

    /// Starts again at a position; what was read ahead is dropped.
    void seek(Position position);

    /// The next batch in order, on to the next epoch by itself; count 0 after the last epoch.
    BatchView next();

    const EpochPlan& plan() const {
        return plan_;
    }

    const EpochOrder& order() const {
        return order_;
    }

    const Preprocess& preprocess() const {
        return preprocess_;
    }

  private:
    /// A batch being filled or used.
    struct Slot {
        std::vector<std::uint8_t> pixels;
        std::vector<std::int64_t> samples;
        std::vector<std::int64_t> entries;
        std::vector<std::exception_ptr> failures;
        std::int64_t missing = 0;  ///< rows not yet written
    };

    /// One row to be written.
    struct Task {
        Slot* slot = nullptr;
        std::int64_t row = 0;
        EpochOrder::Entry entry;
        std::int64_t epoch = 0;
    };

    void work();
    void stop();
    bool has_task() const {
        return next_batch_ < std::min(total_, used_ + static_cast<std::int64_t>(slots_.size()));
    }
    Task take_task();
    void perform(const Task& task) noexcept;
    std::shared_ptr<const Image> image_of(const Source& source) const;
    Slot& slot_of(std::int64_t batch_number) {
        return slots_[static_cast<std::size_t>(batch_number) % slots_.size()];
    }

    std::vector<Sample> samples_;
    Preprocess preprocess_;
    Reading reading_;
    LoaderOptions options_;
    EpochOrder order_;
    EpochPlan plan_;

    std::int64_t total_;  // batches of all epochs

    std::mutex mutex_;  // guards all below
    std::condition_variable task_ready_;
    std::condition_variable row_done_;
    std::vector<Slot> slots_;
    std::vector<EpochOrder::Entry> shuffled_;  // of the epoch being handed out
    std::int64_t shuffled_epoch_ = -1;
    std::int64_t used_ = 0;        // batches given back by the caller, counted over all epochs
    std::int64_t next_batch_ = 0;  // the next row to hand out
    std::int64_t next_row_ = 0;
    std::int64_t in_flight_ = 0;  // rows being written
    bool is_lent_ = false;        // the caller holds batch used_
    bool stopping_ = false;
    std::list<Worker> workers_;  // last: joined before anything above goes
};

}  // namespace georgia
