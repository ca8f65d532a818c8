// Training from images that lie on the device: no GPU is needed to run the same code.

#include <ATen/ATen.h>
#include <vector>

#include "georgia/engine/device_augment.h"

#include "catch.h"
#include "temporary_folder.h"
#include "train/job_setup.h"
#include "train/small_job.h"
#include "train/trial.h"

using namespace georgia;

namespace {

/// Losses of a phase's first steps.
std::vector<double> losses(const TrainJob& job, const TrainOptions& options, bool on_device) {
    const Phase& phase = options.phases[0];
    Trial trial(job, options, phase);
    LoaderOptions loading = training_loading(options, phase, 1, phase.epochs);
    loading.pixels = !on_device;
    if (on_device) {
        Progress progress;
        auto images = DeviceImages::load(
            job.train,
            trial.step.preprocess(),
            options.limits,
            {at::kCPU, 1 << 30},
            {1, "place", progress});
        REQUIRE(images.has_value());
        trial.step.take_images(std::move(*images));
    }
    Loader loader(job.train, trial.step.preprocess(), loading);
    std::vector<double> found;
    for (BatchView batch = loader.next(); batch.count > 0; batch = loader.next()) {
        const StepResult result = trial.step.backward(batch);
        trial.step.update(result, 0.01, at::zeros({}));
        found.push_back(result.loss.item<double>());
    }
    return found;
}

}  // namespace

TEST_CASE("training from images on the device is training from the loader's") {
    const TemporaryFolder folder;
    const TrainJob job = job_in(folder / "run");
    TrainOptions options = quick();
    options.phases = {options.phases[1]};
    options.precision = PrecisionRequest::kFloat32;
    options.augment.rotation = 40;
    options.augment.brightness = 0.2;
    const std::vector<double> loaded = losses(job, options, false);
    const std::vector<double> placed = losses(job, options, true);
    REQUIRE(loaded.size() == placed.size());
    REQUIRE(loaded.size() > 4);
    for (std::size_t i = 0; i < loaded.size(); ++i) {
        CAPTURE(i);
        CHECK(placed[i] == Approx(loaded[i]).epsilon(0.03));
        CHECK(placed[i] != loaded[i]);  // levels are not quite the same
    }
    options.seed += 1;
    CHECK(losses(job, options, true)[0] != Approx(placed[0]).epsilon(0.001));
}
