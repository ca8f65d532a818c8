#include <pybind11/stl.h>

#include "georgia/analysis/agreement.h"
#include "georgia/analysis/metrics.h"
#include "georgia/analysis/neighbours.h"
#include "georgia/analysis/probability_scores.h"
#include "georgia/analysis/ranking.h"

#include "convert.h"
#include "module.h"

namespace py = pybind11;

namespace georgia {
namespace {

py::dict dict_of(const ClassScore& score) {
    py::dict dict;
    dict["precision"] = score.precision;
    dict["recall"] = score.recall;
    dict["f1"] = score.f1;
    dict["support"] = score.support;
    return dict;
}

py::dict dict_of(const Scores& scores) {
    const auto classes = static_cast<py::ssize_t>(scores.classes.size());
    py::list per_class;
    for (const ClassScore& score : scores.classes) per_class.append(dict_of(score));
    py::dict dict;
    dict["count"] = scores.count;
    dict["correct"] = scores.correct;
    dict["accuracy"] = scores.accuracy;
    dict["accuracy_interval"] =
        py::make_tuple(scores.accuracy_interval.low, scores.accuracy_interval.high);
    dict["confusion"] = array_of(scores.confusion, {classes, classes});
    dict["classes"] = per_class;
    dict["macro"] = dict_of(scores.macro);
    dict["weighted"] = dict_of(scores.weighted);
    return dict;
}

py::dict dict_of(const Curves& found) {
    py::dict dict;
    dict["thresholds"] = array_of(found.thresholds);
    dict["false_positive"] = array_of(found.false_positive);
    dict["recall"] = array_of(found.recall);
    dict["precision"] = array_of(found.precision);
    dict["area"] = found.area;
    dict["average_precision"] = found.average_precision;
    return dict;
}

void bind_probabilities(py::module_& m) {
    m.def(
        "agreement",
        [](const Integers& confusion) {
            const Agreement found = agreement(span_of(confusion), confusion.shape(0));
            py::dict dict;
            dict["balanced_accuracy"] = found.balanced_accuracy;
            dict["kappa"] = found.kappa;
            dict["matthews"] = found.matthews;
            return dict;
        },
        py::arg("confusion"),
        "Balanced accuracy, Cohen's kappa and Matthews' correlation of a matrix (K, K).");
    m.def(
        "score_probabilities",
        [](const Rows& probabilities, const Integers& labels) {
            const ProbabilityScores found = score_probabilities(
                span_of(probabilities), probabilities.shape(1), span_of(labels));
            py::dict dict;
            dict["log_loss"] = found.log_loss;
            dict["brier"] = found.brier;
            return dict;
        },
        py::arg("probabilities"),
        py::arg("labels"),
        "Log loss and Brier's score of probabilities (N, K).");
    m.def(
        "curves",
        [](const Rows& scores, const Booleans& is_of_class) {
            Curves found;
            {
                const py::gil_scoped_release release;
                found = curves(span_of(scores), span_of(is_of_class));
            }
            return dict_of(found);
        },
        py::arg("scores"),
        py::arg("is_of_class"),
        "One class against the rest at every threshold, with the areas.");
}

}  // namespace

void bind_analysis(py::module_& m) {
    bind_probabilities(m);
    m.def(
        "score",
        [](const Integers& labels, const Integers& predictions, std::int64_t classes) {
            return dict_of(score(span_of(labels), span_of(predictions), classes));
        },
        py::arg("labels"),
        py::arg("predictions"),
        py::arg("classes"),
        "Confusion matrix and everything that follows from it.");
    m.def(
        "cross_validated_neighbours",
        [](const py::array_t<double, py::array::c_style | py::array::forcecast>& features,
           const std::vector<std::int64_t>& labels,
           const std::vector<std::int64_t>& folds,
           std::int64_t classes,
           int k) {
            const std::span values(features.data(), static_cast<std::size_t>(features.size()));
            const py::gil_scoped_release release;
            return cross_validated_neighbours(values, labels, folds, classes, k);
        },
        py::arg("features"),
        py::arg("labels"),
        py::arg("folds"),
        py::arg("classes"),
        py::arg("k"),
        "Labels predicted by the k nearest rows of features (N, F) in the other folds.");
    m.def(
        "top_class",
        [](const Rows& rows) {
            return array_of(top_class(span_of(rows), rows.shape(1)), {rows.shape(0)});
        },
        py::arg("probabilities"),
        "Index of each row's largest value; the lower index wins a tie.");
    m.def(
        "wilson_interval",
        [](std::int64_t hits, std::int64_t count) {
            const Interval interval = wilson_interval(hits, count);
            return std::pair{interval.low, interval.high};
        },
        py::arg("hits"),
        py::arg("count"),
        "95 % interval of a share (Wilson).");
    m.def(
        "rank",
        [](const Rows& rows, const Integers& labels, const Integers& targets) {
            const Ranking ranking =
                rank(span_of(rows), rows.shape(1), span_of(labels), span_of(targets));
            py::dict dict;
            dict["top"] = ranking.top;
            dict["missed"] = ranking.missed;
            dict["review"] = ranking.review;
            return dict;
        },
        py::arg("probabilities"),
        py::arg("labels"),
        py::arg("targets"),
        "Counts of images by what their 1 to 5 best classes hold.");
}

}  // namespace georgia
