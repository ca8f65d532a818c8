# GEORGIA_SANITIZE=address also brings the undefined-behaviour checks; thread stands alone.

set(GEORGIA_SANITIZE "" CACHE STRING "empty, address or thread")
set_property(CACHE GEORGIA_SANITIZE PROPERTY STRINGS "" address thread)

if(GEORGIA_SANITIZE STREQUAL "address")
    set(_sanitize -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
elseif(GEORGIA_SANITIZE STREQUAL "thread")
    set(_sanitize -fsanitize=thread -fno-omit-frame-pointer)
elseif(GEORGIA_SANITIZE)
    message(FATAL_ERROR "GEORGIA_SANITIZE: expected address or thread, got ${GEORGIA_SANITIZE}")
endif()
if(GEORGIA_SANITIZE)
    # Reports keep their lines, and a build takes two thirds of the time.
    set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1 -DNDEBUG")
    add_compile_options(${_sanitize})
    add_link_options(${_sanitize})
endif()
