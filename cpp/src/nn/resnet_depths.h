#pragma once

#include <array>

namespace georgia {

/// One row of the paper's table: blocks in each of the four stages.
struct ResnetDepth {
    std::array<int, 4> blocks;
    bool bottleneck;
};

constexpr ResnetDepth resnet_depth(int layers) {
    switch (layers) {
        case 18:
            return {{2, 2, 2, 2}, false};
        case 34:
            return {{3, 4, 6, 3}, false};
        case 50:
            return {{3, 4, 6, 3}, true};
        case 101:
            return {{3, 4, 23, 3}, true};
        default:
            return {{3, 8, 36, 3}, true};
    }
}

}  // namespace georgia
