#pragma once

#include "georgia/nn/graph.h"

namespace georgia {

/// Residual network of 18, 34, 50, 101 or 152 layers (He et al., "Deep residual learning for image
/// recognition", CVPR 2016, table 1), the stride of a bottleneck on its 3x3 as torchvision has it.
Graph resnet(int layers, const NetworkSpec& spec);

}  // namespace georgia
