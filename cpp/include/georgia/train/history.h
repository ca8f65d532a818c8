#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "georgia/base/options.h"

namespace georgia {

/// One line of history.csv: a validation, at the end of an epoch or within it. Losses are means in
/// nats, those of training as they are trained on.
struct EpochRecord {
    std::int64_t epoch = 0;  ///< from 1
    std::int64_t step = 0;   ///< batches of the whole run so far
    std::int64_t phase = 0;  ///< from 1
    std::int64_t size = 0;
    double learning_rate = 0;  ///< of the last step
    double train_loss = 0;
    double train_accuracy = 0;
    double validation_loss = 0;
    double validation_accuracy = 0;
    double validation_macro_f1 = 0;
    std::vector<double> class_precision;  // (K)
    std::vector<double> class_recall;     // (K)
    std::vector<double> class_f1;         // (K)
    double seconds = 0;                   ///< wall time since the line before, validation included
    double images_per_second = 0;         ///< of training alone

    static constexpr auto fields() {
        using E = EpochRecord;
        return std::tuple{
            Field<E, std::int64_t>{"epoch", &E::epoch, "", "from 1"},
            Field<E, std::int64_t>{"step", &E::step, "", "batches of the run so far"},
            Field<E, std::int64_t>{"phase", &E::phase, "", "from 1"},
            Field<E, std::int64_t>{"size", &E::size, "pixels", ""},
            Field<E, double>{"learning_rate", &E::learning_rate, "", "of the last step"},
            Field<E, double>{"train_loss", &E::train_loss, "nats", ""},
            Field<E, double>{"train_accuracy", &E::train_accuracy, "", ""},
            Field<E, double>{"validation_loss", &E::validation_loss, "nats", ""},
            Field<E, double>{"validation_accuracy", &E::validation_accuracy, "", ""},
            Field<E, double>{"validation_macro_f1", &E::validation_macro_f1, "", ""},
            Field<E, std::vector<double>>{
                "class_precision", &E::class_precision, "", "of each class, in validation"},
            Field<E, std::vector<double>>{
                "class_recall", &E::class_recall, "", "of each class, in validation"},
            Field<E, std::vector<double>>{
                "class_f1", &E::class_f1, "", "of each class, in validation"},
            Field<E, double>{"seconds", &E::seconds, "s", "validation included"},
            Field<E, double>{"images_per_second", &E::images_per_second, "1/s", "training alone"}};
    }

    void validate() const {}

    bool operator==(const EpochRecord&) const = default;
};

/// The CSV text, header first. Numbers of each class have columns such as "f1 of NAME".
std::string history_csv(
    const std::vector<EpochRecord>& history, const std::vector<std::string>& classes);

}  // namespace georgia
