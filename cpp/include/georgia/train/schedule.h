#pragma once

#include "georgia/train/options.h"

namespace georgia {

/// The learning rate of a step; done is the share of the phase that lies behind, in [0, 1).
///
/// cosine falls from the peak to 0; one_cycle (L. N. Smith, arXiv 1803.09820, cosine-shaped) rises
/// from a 25th of the peak over the first quarter and falls to a 100,000th of it.
double learning_rate(Schedule schedule, double peak, double done);

}  // namespace georgia
