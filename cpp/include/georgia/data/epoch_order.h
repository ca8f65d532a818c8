#pragma once

#include <cstdint>
#include <vector>

namespace georgia {

/// Which samples an epoch holds.
enum class Sampling {
    kEach,     ///< every sample once
    kByClass,  ///< as many draws with replacement as samples, each class as likely
    kBalance   ///< every sample once, and copies of small classes up to a count
};

/// The entries of an epoch. A copy is an entry of its own: augmentation, whose random numbers
/// follow from the entry, makes it another image.
class EpochOrder {
  public:
    /// An entry and the sample that it shows.
    struct Entry {
        std::int64_t entry = 0;
        std::int64_t sample = 0;
    };

    /// In kBalance classes with fewer samples than balance_to are copied up to it; 0 takes the
    /// largest class's count. Classes without samples stay empty.
    EpochOrder(
        const std::vector<std::int64_t>& labels, Sampling sampling, std::int64_t balance_to = 0);

    /// Entries of every epoch.
    std::int64_t count() const {
        return static_cast<std::int64_t>(sample_of_.size());
    }

    /// The order of an epoch; it follows from seed and epoch alone.
    std::vector<Entry> shuffled(std::uint64_t seed, std::int64_t epoch) const;

    /// Samples that kBalance added.
    std::int64_t copies() const {
        return copies_;
    }

  private:
    std::vector<std::int64_t> sample_of_;             // (count) by entry
    std::vector<std::vector<std::int64_t>> members_;  // samples of each class that has any
    bool is_drawn_ = false;                           ///< kByClass: samples are drawn instead
    std::int64_t copies_ = 0;
};

}  // namespace georgia
