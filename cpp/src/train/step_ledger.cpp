#include "train/step_ledger.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <c10/core/GradMode.h>

#include "georgia/base/error.h"

namespace georgia {

StepLedger::StepLedger(c10::Device device, const RunningSums& begin) : seen_(begin.seen) {
    const at::TensorOptions here(device);
    diverged_ = at::zeros({}, here.dtype(at::kFloat));
    last_ = at::zeros({2}, here.dtype(at::kDouble));
    sums_ =
        at::tensor({begin.loss, static_cast<double>(begin.correct), 0.0}, at::kDouble).to(device);
}

void StepLedger::add(const StepResult& step, std::int64_t count, double rate) {
    const c10::AutoGradMode no_gradients(false);
    const at::Tensor now = at::stack({step.loss, step.gradient_norm.to(at::kDouble)});
    last_ = at::where(diverged_.eq(0), now, last_);
    diverged_ = at::maximum(diverged_, at::isfinite(now).all().logical_not().to(at::kFloat));
    sums_ += at::stack(
        {step.loss * static_cast<double>(count),
         step.correct.to(at::kDouble),
         diverged_.eq(0).to(at::kDouble)});
    rates_.push_back(rate);
    seen_ += count;
}

StepReading StepLedger::read() {
    if (rates_.empty()) throw InternalError("train", "", "there is no step to be read");
    const at::Tensor all = at::cat({sums_, last_, diverged_.to(at::kDouble).reshape(1)}).cpu();
    const double* values = all.const_data_ptr<double>();
    StepReading reading;
    reading.loss = values[0];
    reading.correct = static_cast<std::int64_t>(values[1]);
    reading.seen = seen_;
    reading.finite_steps = static_cast<std::int64_t>(values[2]);
    reading.last_loss = values[3];
    reading.last_norm = values[4];
    reading.diverged = values[5] != 0;
    const auto last = static_cast<std::size_t>(reading.finite_steps);
    reading.last_rate = rates_[std::min(last, rates_.size() - 1)];
    sums_.select(0, 2).zero_();
    rates_.clear();
    return reading;
}

}  // namespace georgia
