#include "train/trial.h"

#include <ATen/ATen.h>

#include "georgia/nn/zoo.h"

#include "train/job_setup.h"

namespace georgia {
namespace {

constexpr std::int64_t kEndless = 1'000'000;  // epochs

TensorMap weights_on(const Compute& compute, TensorMap weights) {
    for (auto& [name, tensor] : weights) tensor = tensor.to(compute.device);
    return weights;
}

}  // namespace

Trial::Trial(const TrainJob& job, const TrainOptions& options, const Phase& phase)
    : compute(resolve_compute(options.device, options.precision)),
      session(static_cast<int>(options.threads)),
      graph(build_network(options.network_spec(static_cast<std::int64_t>(job.classes.size())))),
      weights(weights_on(compute, first_weights(job, graph, options))),
      class_counts(class_counts_of(job)),
      step({graph, weights, options, job.train, class_counts, compute}, phase),
      loader(
          job.train,
          step.preprocess(),
          training_loading(options, phase, session.threads(), kEndless)) {}

}  // namespace georgia
