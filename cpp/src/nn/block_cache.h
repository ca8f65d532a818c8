#pragma once

#include <c10/core/Allocator.h>

namespace georgia {

/// Puts an allocator in front of the C library's for tensors of 64 KiB and more: freed blocks are
/// kept for the next tensor of that size class instead of going back to the system.
///
/// A training step asks for the same sizes again and again, and the C library returns large blocks
/// to the kernel, which then clears every page anew: half of a step's time on some machines.
/// Tensors made under it may outlive it; their memory is then freed the ordinary way.
class BlockCache {
  public:
    BlockCache();
    ~BlockCache();
    BlockCache(const BlockCache&) = delete;
    BlockCache& operator=(const BlockCache&) = delete;

  private:
    c10::Allocator* previous_;
};

}  // namespace georgia
