#include <pybind11/stl.h>

#include "georgia/nn/parameters.h"
#include "georgia/nn/precision.h"
#include "georgia/nn/zoo.h"

#include "module.h"

namespace py = pybind11;

namespace georgia {

void bind_nn(py::module_& m) {
    m.def("network_names", &network_names, "Names of the networks there are.");
    m.def(
        "network_facts",
        [](const std::string& architecture, std::int64_t classes, std::int64_t channels) {
            NetworkSpec spec;
            spec.architecture = architecture;
            spec.classes = classes;
            spec.channels = channels;
            const Graph graph = build_network(spec);
            py::dict facts;
            facts["stages"] = graph.stages();
            facts["parameters"] = count_parameters(graph);
            return facts;
        },
        py::arg("network"),
        py::arg("classes"),
        py::arg("channels"),
        "Stages and number of parameters.");
    m.def(
        "resolve_compute",
        [](const std::string& device, const std::string& precision) {
            const Compute compute =
                resolve_compute(device, enum_from<PrecisionRequest>("precision", precision));
            return std::pair(compute.device.str(), std::string(name_of(compute.precision)));
        },
        py::arg("device"),
        py::arg("precision"),
        "The device and precision that a request comes to on this machine.");
}

}  // namespace georgia
