# OpenCV core + imgproc + imgcodecs, static and hidden, built once per user and flag set.
#
# The source is the one inside the opencv-python-headless source distribution, because a package
# index is the only download this project needs. The prefix is kept under the user's cache, so an
# isolated `pip install .` does not build it again. GEORGIA_OPENCV=system takes the machine's own.

set(GEORGIA_OPENCV "static" CACHE STRING "static (built once from pinned source) or system")
set_property(CACHE GEORGIA_OPENCV PROPERTY STRINGS static system)

set(_opencv_version 4.14.0)
set(_opencv_package opencv-python-headless==4.14.0.94)
set(_opencv_sha256 4afa2ea1214453648be88259f035712454faa9039b686de7753569ba8eec1577)
set(_opencv_flags
    -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF -DCMAKE_POSITION_INDEPENDENT_CODE=ON
    -DCMAKE_CXX_VISIBILITY_PRESET=hidden -DCMAKE_C_VISIBILITY_PRESET=hidden
    -DBUILD_LIST=core,imgproc,imgcodecs
    -DBUILD_JPEG=ON -DBUILD_PNG=ON -DBUILD_TIFF=ON -DBUILD_ZLIB=ON -DWITH_JPEG=ON -DWITH_PNG=ON
    -DWITH_TIFF=ON -DWITH_WEBP=OFF -DWITH_OPENEXR=OFF -DWITH_OPENJPEG=OFF -DWITH_JASPER=OFF
    -DWITH_AVIF=OFF -DWITH_JPEGXL=OFF -DWITH_GDAL=OFF -DWITH_GDCM=OFF -DWITH_IMGCODEC_GIF=OFF
    -DWITH_OPENCL=OFF -DWITH_IPP=OFF -DWITH_ITT=OFF -DWITH_TBB=OFF -DWITH_LAPACK=OFF
    -DWITH_EIGEN=OFF -DWITH_OPENMP=OFF -DWITH_PTHREADS_PF=OFF -DWITH_PROTOBUF=OFF
    -DWITH_FLATBUFFERS=OFF -DWITH_ADE=OFF -DWITH_FFMPEG=OFF -DWITH_GSTREAMER=OFF -DWITH_V4L=OFF
    -DWITH_VTK=OFF -DWITH_GTK=OFF -DWITH_QUIRC=OFF -DWITH_OBSENSOR=OFF -DWITH_FASTCV=OFF
    -DBUILD_TESTS=OFF -DBUILD_PERF_TESTS=OFF -DBUILD_EXAMPLES=OFF -DBUILD_opencv_apps=OFF
    -DBUILD_DOCS=OFF -DBUILD_JAVA=OFF -DBUILD_opencv_python3=OFF -DOPENCV_GENERATE_PKGCONFIG=OFF
    -DCPU_BASELINE=SSE4_2 -DCPU_DISPATCH=AVX2,AVX512_SKX)

function(_georgia_run what log)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_FILE "${log}" ERROR_FILE "${log}")
    if(NOT code EQUAL 0)
        file(STRINGS "${log}" lines)
        list(LENGTH lines count)
        math(EXPR first "${count} - 15")
        if(first LESS 0)
            set(first 0)
        endif()
        list(SUBLIST lines ${first} -1 tail)
        list(JOIN tail "\n  " tail)
        message(FATAL_ERROR "georgia: ${what} failed; the last lines of ${log}:\n  ${tail}")
    endif()
endfunction()

function(_georgia_build_opencv prefix)
    set(work "${prefix}.work")
    file(REMOVE_RECURSE "${work}")
    file(MAKE_DIRECTORY "${work}")
    find_program(NASM_EXECUTABLE nasm)
    if(NOT NASM_EXECUTABLE)
        message(WARNING "georgia: nasm was not found, so JPEG files will be read about 2.5 times "
                        "slower. Install it (apt-get install nasm), remove ${prefix} and build again.")
    endif()

    message(STATUS "georgia: fetching ${_opencv_package} (92 MB, once)")
    _georgia_run("downloading OpenCV" "${work}/download.log"
        ${Python_EXECUTABLE} -m pip download --no-deps --no-binary opencv-python-headless
        --dest "${work}" "${_opencv_package}")
    file(GLOB archive "${work}/*.tar.gz")
    file(SHA256 "${archive}" found)
    if(NOT found STREQUAL _opencv_sha256)
        message(FATAL_ERROR "georgia: ${archive} is not the pinned source; expected SHA-256 "
                            "${_opencv_sha256}, got ${found}")
    endif()
    file(ARCHIVE_EXTRACT INPUT "${archive}" DESTINATION "${work}")
    file(GLOB source "${work}/opencv_python_headless-*/opencv")

    cmake_host_system_information(RESULT cores QUERY NUMBER_OF_LOGICAL_CORES)
    message(STATUS "georgia: building OpenCV ${_opencv_version} (about 10 core-minutes, once)")
    _georgia_run("configuring OpenCV" "${work}/configure.log"
        ${CMAKE_COMMAND} -G ${CMAKE_GENERATOR} -S "${source}" -B "${work}/build"
        -DCMAKE_MAKE_PROGRAM=${CMAKE_MAKE_PROGRAM}
        -DCMAKE_C_COMPILER=${CMAKE_C_COMPILER} -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}
        -DCMAKE_INSTALL_PREFIX=${prefix}.new ${_opencv_flags})
    _georgia_run("building OpenCV" "${work}/build.log"
        ${CMAKE_COMMAND} --build "${work}/build" --parallel ${cores})
    file(REMOVE_RECURSE "${prefix}.new")
    _georgia_run("installing OpenCV" "${work}/install.log"
        ${CMAKE_COMMAND} --install "${work}/build")

    # OpenCV does not install the headers of the libjpeg-turbo and libtiff it carries; our readers of
    # these formats need them.
    file(COPY "${source}/3rdparty/libjpeg-turbo/src/jpeglib.h"
              "${source}/3rdparty/libjpeg-turbo/src/jmorecfg.h"
              "${source}/3rdparty/libjpeg-turbo/src/jerror.h"
              "${work}/build/3rdparty/libjpeg-turbo/jconfig.h"
              "${source}/3rdparty/libtiff/tiff.h"
              "${source}/3rdparty/libtiff/tiffio.h"
              "${work}/build/3rdparty/libtiff/tiffvers.h"
              "${work}/build/3rdparty/libtiff/tiffconf.h" DESTINATION "${prefix}.new/include/codecs")
    file(RENAME "${prefix}.new" "${prefix}")
    file(REMOVE_RECURSE "${work}")
endfunction()

if(GEORGIA_OPENCV STREQUAL "system")
    find_package(OpenCV 4.11 REQUIRED COMPONENTS core imgproc imgcodecs)
    message(STATUS "georgia: OpenCV ${OpenCV_VERSION} of this system")
    find_package(JPEG REQUIRED)
    find_package(TIFF REQUIRED)
    set(_codecs JPEG::JPEG TIFF::TIFF)
else()
    string(SHA256 _opencv_key
           "with codec headers;${_opencv_sha256};${_opencv_flags};${CMAKE_CXX_COMPILER_ID};${CMAKE_CXX_COMPILER_VERSION}")
    string(SUBSTRING "${_opencv_key}" 0 16 _opencv_key)
    if(DEFINED ENV{XDG_CACHE_HOME} AND NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
        set(_cache "$ENV{XDG_CACHE_HOME}/georgia")
    else()
        set(_cache "$ENV{HOME}/.cache/georgia")
    endif()
    set(GEORGIA_OPENCV_PREFIX "${_cache}/opencv-${_opencv_version}-${_opencv_key}")
    file(MAKE_DIRECTORY "${_cache}")
    file(LOCK "${_cache}/opencv.lock" TIMEOUT 3600)  # two builds at once make one OpenCV
    if(NOT EXISTS "${GEORGIA_OPENCV_PREFIX}")
        _georgia_build_opencv("${GEORGIA_OPENCV_PREFIX}")
    endif()
    file(LOCK "${_cache}/opencv.lock" RELEASE)
    find_package(OpenCV ${_opencv_version} EXACT REQUIRED COMPONENTS core imgproc imgcodecs
                 PATHS "${GEORGIA_OPENCV_PREFIX}" NO_DEFAULT_PATH)
    message(STATUS "georgia: static OpenCV in ${GEORGIA_OPENCV_PREFIX}")
    # OpenCV does not say that its libtiff calls its libjpeg-turbo; a linker goes by that order.
    set_property(TARGET libtiff APPEND PROPERTY INTERFACE_LINK_LIBRARIES libjpeg-turbo)
    set(_codec_headers "${GEORGIA_OPENCV_PREFIX}/include/codecs")  # libraries come with imgcodecs
endif()

# PNG is inflated by libdeflate, which is faster than zlib. Static, so that a wheel carries it.
find_path(LIBDEFLATE_INCLUDE libdeflate.h)
find_library(LIBDEFLATE_LIBRARY NAMES libdeflate.a deflate)
if(NOT LIBDEFLATE_INCLUDE OR NOT LIBDEFLATE_LIBRARY)
    message(FATAL_ERROR "georgia: libdeflate was not found (apt-get install libdeflate-dev)")
endif()

add_library(georgia_opencv INTERFACE)
target_include_directories(georgia_opencv SYSTEM INTERFACE ${OpenCV_INCLUDE_DIRS}
                           ${_codec_headers} ${LIBDEFLATE_INCLUDE})
target_link_libraries(georgia_opencv INTERFACE ${OpenCV_LIBS} ${_codecs} ${LIBDEFLATE_LIBRARY})
