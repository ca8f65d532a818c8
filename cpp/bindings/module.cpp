// The Python module: a table of contents. One file per room of the core.
#include "module.h"

#include <pybind11/pybind11.h>

PYBIND11_MODULE(_core, m) {
    m.doc() = "The native core of georgia. The package's own modules are its public face.";
    georgia::bind_base(m);
    georgia::bind_image(m);
    georgia::bind_data(m);
    georgia::bind_nn(m);
    georgia::bind_analysis(m);
    georgia::bind_reliability(m);
    georgia::bind_exploration(m);
    georgia::bind_model_file(m);
    georgia::bind_engine(m);
    georgia::bind_explanation(m);
    georgia::bind_train(m);
}
