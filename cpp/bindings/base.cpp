#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "georgia/base/error.h"
#include "georgia/base/files.h"
#include "georgia/base/machine.h"
#include "georgia/base/memory.h"
#include "georgia/base/random.h"
#include "georgia/base/sha256.h"

#include "convert.h"
#include "module.h"

namespace py = pybind11;

namespace georgia {
namespace {

/// The Python classes of our errors, kept for the life of the process.
struct ErrorClasses {
    PyObject* error = nullptr;
    PyObject* invalid_option = nullptr;
    PyObject* bad_input = nullptr;
    PyObject* io_error = nullptr;
    PyObject* diverged = nullptr;
    PyObject* cancelled = nullptr;
    PyObject* internal = nullptr;
};
ErrorClasses classes;

PyObject* make_class(
    py::module_& m, const char* name, const char* doc, PyObject* base, PyObject* second = nullptr) {
    py::tuple bases = py::make_tuple(py::handle(base));
    if (second != nullptr) bases = py::make_tuple(py::handle(base), py::handle(second));
    const std::string full = std::string("georgia.") + name;
    PyObject* made = PyErr_NewExceptionWithDoc(full.c_str(), doc, bases.ptr(), nullptr);
    if (made == nullptr) throw py::error_already_set();
    m.add_object(name, made);
    return made;
}

void translate(std::exception_ptr pointer) {
    try {
        if (pointer) std::rethrow_exception(pointer);
    } catch (const InvalidOption& error) {
        PyErr_SetObject(classes.invalid_option, text_of(error.what()).ptr());
    } catch (const BadInput& error) {
        PyErr_SetObject(classes.bad_input, text_of(error.what()).ptr());
    } catch (const IoError& error) {
        PyErr_SetObject(classes.io_error, text_of(error.what()).ptr());
    } catch (const Diverged& error) {
        PyErr_SetObject(classes.diverged, text_of(error.what()).ptr());
    } catch (const Cancelled& error) {
        PyErr_SetObject(classes.cancelled, text_of(error.what()).ptr());
    } catch (const Error& error) {
        PyErr_SetObject(classes.internal, text_of(error.what()).ptr());
    }
}

void bind_errors(py::module_& m) {
    classes.error = make_class(m, "Error", "Base of georgia's errors.", PyExc_Exception);
    classes.invalid_option = make_class(
        m, "InvalidOption", "An argument is not acceptable.", classes.error, PyExc_ValueError);
    classes.bad_input = make_class(
        m, "BadInput", "A file's contents are not acceptable.", classes.error, PyExc_ValueError);
    classes.io_error =
        make_class(m, "IoError", "The system refused.", classes.error, PyExc_OSError);
    classes.diverged =
        make_class(m, "Diverged", "A loss or weight is not a finite number.", classes.error);
    classes.cancelled = make_class(m, "Cancelled", "Stopped on request.", classes.error);
    classes.internal =
        make_class(m, "InternalError", "A bug of georgia's own; please report it.", classes.error);
    py::register_exception_translator(&translate);
}

py::dict machine() {
    const CpuFeatures cpu = cpu_features();
    py::dict facts;
    facts["cpu"] = cpu.name;
    facts["cores"] = usable_cores();
    facts["avx2"] = cpu.avx2;
    facts["avx512"] = cpu.avx512;
    facts["avx512_bf16"] = cpu.avx512_bf16;
    facts["amx_bf16"] = cpu.amx_bf16;
    return facts;
}

}  // namespace

void bind_base(py::module_& m) {
    bind_errors(m);
    m.attr("__version__") = GEORGIA_VERSION;
    m.attr("torch_minor") = GEORGIA_TORCH_MINOR;
    m.def("machine", &machine, "What the processor is and can do.");
    m.def("resident_bytes", &resident_bytes, "Resident memory of this process.");
    m.def("peak_resident_bytes", &peak_resident_bytes, "Its highest value.");
    m.def(
        "write_text",
        [](const std::filesystem::path& path, const py::str& text) {
            // Names of files that are no UTF-8 go out as they came in.
            const auto bytes = py::reinterpret_steal<py::bytes>(
                PyUnicode_AsEncodedString(text.ptr(), "utf-8", "surrogateescape"));
            if (!bytes) throw py::error_already_set();
            write_file(path, std::string_view(bytes));
        },
        py::arg("path"),
        py::arg("text"),
        "Write a file whole or not at all.");
    py::class_<FolderLock>(
        m, "FolderLock", "Keeps other processes out of a folder until the end of a with block.")
        .def(py::init<const std::filesystem::path&>(), py::arg("folder"))
        .def("__enter__", [](const py::object& self) { return self; })
        .def(
            "__exit__",
            [](FolderLock& self, const py::object&, const py::object&, const py::object&) {
                self.release();
            });
    m.def(
        "rename_file",
        [](const std::filesystem::path& from, const std::filesystem::path& to) {
            const py::gil_scoped_release release;
            rename_file(from, to);
        },
        py::arg("from_path"),
        py::arg("to_path"),
        "Give a file another name, durably; a file of that name is replaced.");
    m.def(
        "write_bytes",
        [](const std::filesystem::path& path, const py::bytes& bytes) {
            const std::string_view view(bytes);
            const py::gil_scoped_release release;
            write_file(path, view);
        },
        py::arg("path"),
        py::arg("bytes"),
        "Write a file whole or not at all.");
    m.def(
        "sha256",
        [](const py::bytes& bytes) {
            const auto view = std::string_view(bytes);
            return sha256_hex({reinterpret_cast<const std::uint8_t*>(view.data()), view.size()});
        },
        py::arg("bytes"),
        "SHA-256 in hexadecimal digits.");
    m.def(
        "shuffled",
        [](std::uint32_t count, std::uint64_t seed, std::uint32_t item) {
            std::vector<std::uint32_t> order(count);
            for (std::uint32_t i = 0; i < count; ++i) order[i] = i;
            RandomStream random({seed, 0, item, Purpose::kSplit});
            random.shuffle(order);
            return order;
        },
        py::arg("count"),
        py::arg("seed"),
        py::arg("item"),
        "A permutation of 0..count-1 for splitting; item names the list that is shuffled.");
}

}  // namespace georgia
