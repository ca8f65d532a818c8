#include "georgia/base/buffer.h"

#include <bit>
#include <map>
#include <mutex>

namespace georgia {
namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr bool kPools = false;  // the sanitizer must see the end of every block
#else
constexpr bool kPools = true;
#endif
constexpr std::size_t kSmallest = std::size_t{32} << 10;  // below, the system's own store is good
constexpr std::size_t kLargest = std::size_t{32} << 20;
constexpr std::size_t kMostKept = std::size_t{64} << 20;

/// Sizes are rounded up to a quarter of a power of two, so that pictures of many sizes share
/// blocks.
std::size_t rounded(std::size_t size) {
    const std::size_t step = std::bit_floor(size) / 4;
    return (size + step - 1) / step * step;
}

struct Store {
    std::mutex mutex;
    std::map<std::size_t, std::vector<void*>> blocks;  // by rounded size
    std::size_t kept = 0;
};

/// Never destroyed: blocks may come back while the process ends.
Store& store() {
    static Store& kept = *new Store;  // NOLINT(cppcoreguidelines-owning-memory)
    return kept;
}

bool is_pooled(std::size_t size) {
    return kPools && size >= kSmallest && size <= kLargest;
}

}  // namespace

void* take_block(std::size_t size) {
    if (!is_pooled(size)) return ::operator new(size);
    const std::size_t whole = rounded(size);
    {
        const std::scoped_lock lock(store().mutex);
        const auto found = store().blocks.find(whole);
        if (found != store().blocks.end() && !found->second.empty()) {
            void* block = found->second.back();
            found->second.pop_back();
            store().kept -= whole;
            return block;
        }
    }
    return ::operator new(whole);
}

void give_block(void* block, std::size_t size) noexcept {
    if (is_pooled(size)) {
        const std::size_t whole = rounded(size);
        const std::scoped_lock lock(store().mutex);
        if (store().kept + whole <= kMostKept) {
            try {
                store().blocks[whole].push_back(block);
                store().kept += whole;
                return;
            } catch (const std::bad_alloc&) {
                // No memory for the list: the block goes back to the system.
            }
        }
    }
    ::operator delete(block);
}

}  // namespace georgia
