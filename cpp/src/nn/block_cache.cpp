#include "nn/block_cache.h"

#include <bit>
#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <unordered_map>
#include <vector>

namespace georgia {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kSmallest = std::size_t{64} << 10;  // smaller blocks stay with malloc

/// Eight classes to a power of two: at most an eighth of a block is unused.
std::size_t size_class(std::size_t bytes) {
    const std::size_t step = std::bit_floor(bytes) / 8;
    return (bytes + step - 1) / step * step;
}

/// Freed blocks by size class. One for the process: blocks may come back after a session's end.
class Blocks {
  public:
    static Blocks& instance() {
        static auto* blocks = new Blocks;  // NOLINT: outlives every tensor, static ones too
        return *blocks;
    }

    void* take(std::size_t bytes) {
        const std::size_t size = size_class(bytes);
        {
            const std::scoped_lock lock(mutex_);
            if (auto& freed = freed_[size]; !freed.empty()) {
                void* block = freed.back();
                freed.pop_back();
                lent_[block] = size;
                return block;
            }
        }
        void* block = std::aligned_alloc(kAlignment, size);
        if (block == nullptr) throw std::bad_alloc();
        const std::scoped_lock lock(mutex_);
        lent_[block] = size;
        return block;
    }

    /// True if the block was lent since the last clear() and is kept now.
    bool take_back(void* block) {
        const std::scoped_lock lock(mutex_);
        const auto entry = lent_.find(block);
        if (entry == lent_.end()) return false;
        freed_[entry->second].push_back(block);
        lent_.erase(entry);
        return true;
    }

    /// Frees what is kept and forgets what is lent: those blocks are freed by their owners, and
    /// the system may give their addresses to somebody else.
    void clear() {
        const std::scoped_lock lock(mutex_);
        for (auto& [size, blocks] : freed_)
            for (void* block : blocks) std::free(block);
        freed_.clear();
        lent_.clear();
    }

  private:
    std::mutex mutex_;
    std::unordered_map<std::size_t, std::vector<void*>> freed_;
    std::unordered_map<void*, std::size_t> lent_;
};

class CachingAllocator : public c10::Allocator {
  public:
    explicit CachingAllocator(c10::Allocator* behind) : behind_(behind) {}

    c10::DataPtr allocate(std::size_t bytes) override {
        if (bytes < kSmallest) return behind_->allocate(bytes);
        void* block = Blocks::instance().take(bytes);
        return {block, block, &free_block, c10::Device(c10::kCPU)};
    }

    void copy_data(void* target, const void* source, std::size_t bytes) const override {
        std::memcpy(target, source, bytes);
    }

    /// oneDNN gives back bare pointers, of any size and also from before this allocator's time.
    c10::DeleterFnPtr raw_deleter() const override {
        return &free_raw;
    }

  private:
    static void free_block(void* block) {
        if (!Blocks::instance().take_back(block)) std::free(block);
    }

    static void free_raw(void* block) {
        if (block != nullptr && !Blocks::instance().take_back(block))
            c10::GetDefaultCPUAllocator()->raw_deallocate(block);
    }

    c10::Allocator* behind_;
};

// torch ranks allocators: a second one of the same rank replaces the first.
void install(c10::Allocator* allocator) {
    c10::SetCPUAllocator(allocator, /*priority=*/1);
}

}  // namespace

BlockCache::BlockCache() : previous_(c10::GetCPUAllocator()) {
    static CachingAllocator allocator(previous_);
    install(&allocator);
}

BlockCache::~BlockCache() {
    install(previous_);
    Blocks::instance().clear();
}

}  // namespace georgia
