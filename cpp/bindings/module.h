#pragma once

#include <pybind11/pybind11.h>

namespace georgia {

void bind_base(pybind11::module_& m);
void bind_image(pybind11::module_& m);
void bind_data(pybind11::module_& m);
void bind_nn(pybind11::module_& m);
void bind_analysis(pybind11::module_& m);
void bind_reliability(pybind11::module_& m);
void bind_engine(pybind11::module_& m);
void bind_exploration(pybind11::module_& m);
void bind_explanation(pybind11::module_& m);
void bind_model_file(pybind11::module_& m);
void bind_train(pybind11::module_& m);

}  // namespace georgia
