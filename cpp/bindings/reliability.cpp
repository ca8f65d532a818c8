// The part of analysis that says how far a score, a probability or a label can be believed.
#include <pybind11/stl.h>

#include "georgia/analysis/bootstrap.h"
#include "georgia/analysis/calibration.h"
#include "georgia/analysis/change_point.h"
#include "georgia/analysis/comparison.h"
#include "georgia/analysis/conformal.h"
#include "georgia/analysis/label_errors.h"
#include "georgia/analysis/selective.h"
#include "georgia/base/machine.h"

#include "convert.h"
#include "module.h"
#include "options.h"

namespace py = pybind11;

namespace georgia {
namespace {

py::tuple tuple_of(const Interval& interval) {
    return py::make_tuple(interval.low, interval.high);
}

py::list list_of(const std::vector<ReliabilityBin>& bins) {
    py::list list;
    for (const ReliabilityBin& bin : bins) {
        py::dict dict;
        dict["low"] = bin.low;
        dict["high"] = bin.high;
        dict["count"] = bin.count;
        dict["correct"] = bin.correct;
        dict["confidence"] = bin.confidence;
        list.append(dict);
    }
    return list;
}

void bind_scores_again(py::module_& m) {
    m.def(
        "bootstrap",
        [](const Integers& labels,
           const Integers& predictions,
           std::int64_t classes,
           const Integers& groups,
           std::int64_t rounds,
           std::uint64_t seed,
           const py::object& on_progress) {
            ScoreIntervals found;
            PythonObserver observer(on_progress);
            observer.run([&] {
                found = bootstrap(
                    span_of(labels),
                    span_of(predictions),
                    classes,
                    {span_of(groups), rounds, seed},
                    {usable_cores(), "bootstrap", observer});
            });
            py::dict dict;
            dict["accuracy"] = tuple_of(found.accuracy);
            dict["balanced_accuracy"] = tuple_of(found.balanced_accuracy);
            dict["macro_f1"] = tuple_of(found.macro_f1);
            dict["kappa"] = tuple_of(found.kappa);
            dict["matthews"] = tuple_of(found.matthews);
            return dict;
        },
        py::arg("labels"),
        py::arg("predictions"),
        py::arg("classes"),
        py::arg("groups"),
        py::arg("rounds") = 2000,
        py::arg("seed") = 0,
        py::arg("on_progress") = py::none(),
        "95 % intervals of scores, by drawing whole groups again.");
    m.def(
        "compare",
        [](const Booleans& first_is_right, const Booleans& second_is_right) {
            const Comparison found = compare(span_of(first_is_right), span_of(second_is_right));
            py::dict dict;
            dict["both"] = found.both;
            dict["first"] = found.first;
            dict["second"] = found.second;
            dict["neither"] = found.neither;
            dict["p_value"] = found.p_value;
            return dict;
        },
        py::arg("first_is_right"),
        py::arg("second_is_right"),
        "How often two models are right alone, and McNemar's exact test of that.");
    m.def(
        "change_point",
        [](const Booleans& sequence) {
            ChangePoint found;
            {
                const py::gil_scoped_release release;
                found = change_point(span_of(sequence));
            }
            py::dict dict;
            dict["place"] = found.place;
            dict["before"] = found.before;
            dict["after"] = found.after;
            dict["p_value"] = found.p_value;
            return dict;
        },
        py::arg("sequence"),
        "Where the share of True changed once in a sequence, and how sure that is.");
    m.def(
        "label_errors",
        [](const Rows& probabilities, const Integers& labels) {
            std::vector<LabelSuspect> suspects;
            {
                const py::gil_scoped_release release;
                suspects =
                    label_errors(span_of(probabilities), probabilities.shape(1), span_of(labels));
            }
            py::list list;
            for (const LabelSuspect& suspect : suspects)
                list.append(
                    py::make_tuple(suspect.image, suspect.given, suspect.likely, suspect.margin));
            return list;
        },
        py::arg("probabilities"),
        py::arg("labels"),
        "(image, given class, likely class, margin) of images whose label may be wrong.");
}

void bind_calibration(py::module_& m) {
    m.def(
        "fit_temperature",
        [](const Rows& logits, const Integers& labels) {
            Temperature found;
            {
                const py::gil_scoped_release release;
                found = fit_temperature(span_of(logits), logits.shape(1), span_of(labels));
            }
            return dict_of(found);
        },
        py::arg("logits"),
        py::arg("labels"),
        "What logits (N, K) are to be divided by.");
    m.def(
        "calibrate",
        [](const Rows& confidences,
           const Booleans& is_right,
           const std::string& binning,
           std::int64_t bins) {
            const Calibration found = calibrate(
                span_of(confidences),
                span_of(is_right),
                enum_from<Binning>("binning", binning),
                bins);
            py::dict dict;
            dict["bins"] = list_of(found.bins);
            dict["error"] = found.error;
            dict["debiased"] = found.debiased;
            return dict;
        },
        py::arg("confidences"),
        py::arg("is_right"),
        py::arg("binning") = "equal width",
        py::arg("bins") = 15,
        "How far confidences (N) are from being right, by bins.");
    m.def(
        "tempered",
        [](const Rows& probabilities, double power) {
            return array_of(
                tempered(span_of(probabilities), probabilities.shape(1), power),
                {probabilities.shape(0), probabilities.shape(1)});
        },
        py::arg("probabilities"),
        py::arg("power"),
        "Probabilities (N, K) to a power, summing to 1 again.");
    m.def(
        "risk_coverage",
        [](const Rows& confidences, const Booleans& is_right) {
            RiskCoverage found;
            {
                const py::gil_scoped_release release;
                found = risk_coverage(span_of(confidences), span_of(is_right));
            }
            py::dict dict;
            dict["coverage"] = array_of(found.coverage);
            dict["risk"] = array_of(found.risk);
            dict["thresholds"] = array_of(found.thresholds);
            dict["area"] = found.area;
            return dict;
        },
        py::arg("confidences"),
        py::arg("is_right"),
        "Share of wrong answers by the share that is answered, the surest first.");
}

void bind_conformal(py::module_& m) {
    bind_options<ConformalOptions>(
        m, "ConformalOptions", "What prediction sets promise, and how a class gets into one.");
    m.def(
        "fit_conformal",
        [](const Rows& probabilities,
           const Integers& labels,
           const Integers& groups,
           const ConformalOptions& options) {
            const CalibrationImages images{
                span_of(probabilities), span_of(labels), span_of(groups)};
            return fit_conformal(images, probabilities.shape(1), options).thresholds;
        },
        py::arg("probabilities"),
        py::arg("labels"),
        py::arg("groups"),
        py::arg("options"),
        "Thresholds of strangeness, one or one for each class.");
    m.def(
        "prediction_sets",
        [](const Rows& probabilities,
           const std::vector<double>& thresholds,
           const ConformalOptions& options) {
            return array_of(
                prediction_sets(
                    span_of(probabilities), probabilities.shape(1), {options, thresholds}),
                {probabilities.shape(0), probabilities.shape(1)});
        },
        py::arg("probabilities"),
        py::arg("thresholds"),
        py::arg("options"),
        "1 where a class lies in an image's set, (N, K) uint8.");
    m.def(
        "threshold_for_missed_rate",
        [](const Rows& scores, const Integers& groups, double alpha) {
            return threshold_for_missed_rate(span_of(scores), span_of(groups), alpha);
        },
        py::arg("scores"),
        py::arg("groups"),
        py::arg("alpha"),
        "The highest threshold that misses at most that share of what is sought.");
}

}  // namespace

void bind_reliability(py::module_& m) {
    bind_scores_again(m);
    bind_calibration(m);
    bind_conformal(m);
}

}  // namespace georgia
