# LibTorch from the torch package of the Python that builds, linked by hand.
#
# find_package(Torch) would add foreign run paths and, beside a CUDA build, ask for the toolkit.
# Only c10, torch_cpu and torch are linked, so one wheel serves CPU and CUDA builds of one minor.

option(GEORGIA_ANY_TORCH "accept torch 2.11 or newer, untested, for a source build" OFF)

execute_process(
    COMMAND ${Python_EXECUTABLE} -c
        "import importlib.util as u, pathlib; print(pathlib.Path(u.find_spec('torch').origin).parent)"
    OUTPUT_VARIABLE TORCH_ROOT OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE _code ERROR_QUIET)
if(NOT _code EQUAL 0)
    message(FATAL_ERROR "georgia: ${Python_EXECUTABLE} has no torch package; expected torch 2.13")
endif()

file(STRINGS "${TORCH_ROOT}/version.py" _line REGEX "^__version__ *=")
string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" TORCH_VERSION "${_line}")
string(REGEX MATCH "^[0-9]+\\.[0-9]+" TORCH_MINOR "${TORCH_VERSION}")
if(NOT TORCH_MINOR VERSION_EQUAL 2.13)
    if(GEORGIA_ANY_TORCH AND TORCH_MINOR VERSION_GREATER_EQUAL 2.11)
        message(WARNING "georgia: building against torch ${TORCH_VERSION}; only 2.13 is tested")
    else()
        message(FATAL_ERROR "georgia: found torch ${TORCH_VERSION}; expected 2.13 "
                            "(GEORGIA_ANY_TORCH=ON accepts 2.11 and newer, untested)")
    endif()
endif()
message(STATUS "georgia: torch ${TORCH_VERSION} in ${TORCH_ROOT}")

add_library(georgia_libtorch INTERFACE)
target_include_directories(georgia_libtorch SYSTEM INTERFACE
    "${TORCH_ROOT}/include" "${TORCH_ROOT}/include/torch/csrc/api/include")
# libtorch.so exports nothing itself: it pulls in the CUDA half where there is one, and the linker
# would drop it as unused.
target_link_libraries(georgia_libtorch INTERFACE
    "-Wl,--push-state,--no-as-needed" "${TORCH_ROOT}/lib/libtorch.so" "-Wl,--pop-state"
    "${TORCH_ROOT}/lib/libtorch_cpu.so" "${TORCH_ROOT}/lib/libc10.so")
target_compile_definitions(georgia_libtorch INTERFACE
    GEORGIA_TORCH_VERSION="${TORCH_VERSION}" GEORGIA_TORCH_MINOR="${TORCH_MINOR}")
