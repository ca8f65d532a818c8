#include "georgia/train/trainer.h"

#include "georgia/base/error.h"
#include "georgia/nn/shapes.h"
#include "georgia/nn/trainable.h"
#include "georgia/nn/zoo.h"

#include "train/run.h"

namespace georgia {

void check_network(const TrainOptions& options, std::int64_t classes) {
    options.validate();
    const Graph graph = build_network(options.network_spec(classes));
    for (const Phase& phase : options.phases) {
        infer_shapes(graph, phase.size);
        stages_named(graph, phase.trainable);
    }
}

void train(const TrainJob& job, const TrainOptions& options, TrainObserver& observer) {
    check_network(options, static_cast<std::int64_t>(job.classes.size()));
    if (job.train.empty() || job.validation.empty())
        throw InvalidOption("train", "data", "expected training and validation images");
    Run(job, options, observer).work();
}

}  // namespace georgia
