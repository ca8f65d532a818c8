#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>

#include "georgia/base/options.h"

namespace georgia {

enum class Schedule { kConstant, kStep, kCosine, kOneCycle, kPlateau };
template <>
struct EnumNames<Schedule> {
    static constexpr std::array<std::string_view, 5> kNames{
        "constant", "step", "cosine", "one_cycle", "plateau"};
};

/// The details of schedules; each acts on the schedules its text names.
struct RateOptions {
    double warm_up = 0;
    std::int64_t step_epochs = 10;
    double factor = 0.1;
    std::int64_t patience = 5;

    static constexpr auto fields() {
        using R = RateOptions;
        return std::tuple{
            Field<R, double>{
                "warm_up", &R::warm_up, "share of a phase", "linear rise before cosine", 0, 0.9},
            Field<R, std::int64_t>{
                "step_epochs", &R::step_epochs, "epochs", "step: between reductions", 1, 1e6},
            Field<R, double>{"factor", &R::factor, "", "step, plateau: of a reduction", 1e-6, 1},
            Field<R, std::int64_t>{
                "patience",
                &R::patience,
                "validations",
                "plateau: without improvement that are borne",
                0,
                1e6}};
    }

    void validate() const {
        check_ranges(*this);
    }

    bool operator==(const RateOptions&) const = default;
};

/// Where in a phase a step stands.
struct StepOfPhase {
    std::int64_t step = 0;   ///< from 0
    std::int64_t steps = 1;  ///< of the phase
    std::int64_t epoch = 0;  ///< of the phase, from 0
};

/// The learning rate of a step, as torch's schedulers of these names define it.
///
/// step multiplies by the factor every step_epochs. cosine rises linearly during the warm-up and
/// falls from the peak towards 0 (Loshchilov and Hutter, "SGDR", ICLR 2017, without restarts).
/// one_cycle (L. N. Smith, arXiv 1803.09820, cosine-shaped) rises from a 25th of the peak over the
/// first quarter and falls to a 100,000th of it. plateau stays at the peak; plateau_reductions
/// counts how often the factor acts.
double learning_rate(
    Schedule schedule, const RateOptions& options, double peak, const StepOfPhase& at);

/// How often validation losses had not improved by 0.01 % for more than patience in a row; the
/// count begins anew after each reduction. Equal to torch's ReduceLROnPlateau.
std::int64_t plateau_reductions(std::span<const double> losses, std::int64_t patience);

}  // namespace georgia
