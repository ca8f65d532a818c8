// The part of analysis that shows how points lie: components, clusters, neighbours.
#include <ATen/core/Tensor.h>
#include <pybind11/stl.h>

#include "georgia/analysis/kmeans.h"
#include "georgia/analysis/nearest.h"
#include "georgia/analysis/pca.h"
#include "georgia/analysis/silhouette.h"
#include "georgia/analysis/similar_groups.h"
#include "georgia/base/error.h"

#include "convert.h"
#include "module.h"
#include "tensors.h"

namespace py = pybind11;

namespace georgia {
namespace {

/// (N, D) as a tensor.
at::Tensor points_of(const Rows& array) {
    if (array.ndim() != 2 || array.shape(1) == 0)
        throw InvalidOption("analysis", "points", "expected an array (N, D), with D at least 1");
    return tensor_of(array);
}

/// What belongs to something that goes on being used.
py::array read_only(const at::Tensor& tensor) {
    py::array array = array_of(tensor);
    array.attr("flags").attr("writeable") = false;
    return array;
}

py::tuple tuple_of(const Nearest& found) {
    return py::make_tuple(array_of(found.distances), array_of(found.indices));
}

void bind_neighbours(py::module_& m) {
    m.def(
        "nearest_neighbours",
        [](const Rows& queries, const Rows& points, std::int64_t k) {
            const at::Tensor from = points_of(queries);
            const at::Tensor to = points_of(points);
            Nearest found;
            {
                const py::gil_scoped_release release;
                found = nearest(from, to, k);
            }
            return tuple_of(found);
        },
        py::arg("queries"),
        py::arg("points"),
        py::arg("k"),
        "Euclidean distances (n, k), rising, and indices (n, k) of the nearest points, exact.");
    m.def(
        "neighbour_graph",
        [](const Rows& points, std::int64_t k) {
            const at::Tensor of = points_of(points);
            Nearest found;
            {
                const py::gil_scoped_release release;
                found = nearest_others(of, k);
            }
            return tuple_of(found);
        },
        py::arg("points"),
        py::arg("k"),
        "The same among points (N, D), each without itself.");
    m.def(
        "similar_groups",
        [](const Rows& points, double cosine, const py::object& on_progress) {
            const at::Tensor of = points_of(points);
            std::vector<std::int64_t> groups;
            PythonObserver observer(on_progress);
            observer.run([&] { groups = similar_groups(of, cosine, observer); });
            return groups;
        },
        py::arg("points"),
        py::arg("cosine"),
        py::arg("on_progress") = py::none(),
        "The group of each of points (N, D), by its first member: those that are alike, and those "
        "that others join.");
    m.def(
        "of_length_one",
        [](const Rows& rows) { return array_of(of_length_one(points_of(rows))); },
        py::arg("rows"),
        "Rows (N, D) of length 1; those that are nothing stay so.");
}

void bind_clusters(py::module_& m) {
    m.def(
        "kmeans",
        [](const Rows& points,
           std::int64_t clusters,
           std::int64_t starts,
           std::int64_t most_rounds,
           std::uint64_t seed,
           const std::optional<Rows>& centres,
           const py::object& on_progress) {
            const at::Tensor of = points_of(points);
            KMeansRequest request{clusters, starts, most_rounds, seed};
            if (centres) request.centres = points_of(*centres);
            KMeans found;
            PythonObserver observer(on_progress);
            observer.run([&] { found = kmeans(of, request, observer); });
            py::dict dict;
            dict["centres"] = array_of(found.centres);
            dict["labels"] = array_of(found.labels);
            dict["inertia"] = found.inertia;
            dict["course"] = found.course;
            dict["is_settled"] = found.is_settled;
            return dict;
        },
        py::arg("points"),
        py::arg("clusters"),
        py::arg("starts"),
        py::arg("most_rounds"),
        py::arg("seed"),
        py::arg("centres") = py::none(),
        py::arg("on_progress") = py::none(),
        "Clusters of points (N, D) by Lloyd's algorithm.");
    m.def(
        "silhouettes",
        [](const Rows& points,
           const Integers& labels,
           std::int64_t clusters,
           const py::object& on_progress) {
            const at::Tensor of = points_of(points);
            const at::Tensor by = tensor_of(labels);
            at::Tensor found;
            PythonObserver observer(on_progress);
            observer.run([&] { found = silhouettes(of, by, clusters, observer); });
            return array_of(found);
        },
        py::arg("points"),
        py::arg("labels"),
        py::arg("clusters"),
        py::arg("on_progress") = py::none(),
        "How much nearer each point lies to its own cluster than to the next, -1 to 1.");
}

}  // namespace

void bind_exploration(py::module_& m) {
    py::class_<Pca>(m, "Pca", "Directions in which points differ most.")
        .def_static(
            "fit",
            [](const Rows& points,
               std::int64_t components,
               const std::string& method,
               std::uint64_t seed) {
                const at::Tensor of = points_of(points);
                const PcaRequest request{components, enum_from<PcaMethod>("method", method), seed};
                const py::gil_scoped_release release;
                return fit_pca(of, request);
            },
            py::arg("points"),
            py::arg("components"),
            py::arg("method"),
            py::arg("seed"))
        .def(
            "project",
            [](const Pca& self, const Rows& rows) {
                const at::Tensor of = points_of(rows);
                at::Tensor found;
                {
                    const py::gil_scoped_release release;
                    found = self.project(of);
                }
                return array_of(found);
            },
            py::arg("rows"),
            "Coordinates (n, r) of rows (n, D).")
        .def_property_readonly("mean", [](const Pca& self) { return read_only(self.mean); })
        .def_property_readonly(
            "components", [](const Pca& self) { return read_only(self.components); })
        .def_property_readonly(
            "variances",
            [](const Pca& self) {
                const auto* data = self.variances.data_ptr<double>();
                return array_of(std::vector<double>(data, data + self.variances.size(0)));
            })
        .def_readonly("total_variance", &Pca::total_variance);
    bind_clusters(m);
    bind_neighbours(m);
}

}  // namespace georgia
