#include <pybind11/stl.h>

#include "georgia/analysis/metrics.h"
#include "georgia/analysis/neighbours.h"
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

}  // namespace

void bind_analysis(py::module_& m) {
    m.def(
        "score",
        [](const std::vector<std::int64_t>& labels,
           const std::vector<std::int64_t>& predictions,
           std::int64_t classes) { return dict_of(score(labels, predictions, classes)); },
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
        [](const py::array_t<float, py::array::c_style | py::array::forcecast>& rows) {
            const std::span values(rows.data(), static_cast<std::size_t>(rows.size()));
            return array_of(top_class(values, rows.shape(1)), {rows.shape(0)});
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
        [](const py::array_t<float, py::array::c_style | py::array::forcecast>& rows,
           const std::vector<std::int64_t>& labels,
           const std::vector<std::int64_t>& targets) {
            const std::span values(rows.data(), static_cast<std::size_t>(rows.size()));
            const Ranking ranking = rank(values, rows.shape(1), labels, targets);
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
