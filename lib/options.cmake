# What can be chosen, and what every file of the lab is compiled with; the
# handout has it, too.
option(LAB_SANITIZE "Build with AddressSanitizer and UBSan" OFF)
option(LAB_WERROR "Treat warnings as errors" OFF)
# LAB_WIDE: also what takes its time: exercises, broken programs, pages that
# quote them, lessons on all pollers, the learner's command. Off in the
# README's test command, on for learners and CI.
option(LAB_WIDE "Exercises, broken programs, pages, all pollers, lab" ON)
# LAB_AUTHOR: what whoever changes the course needs, and a learner does not:
# wrong answers and their diagnoses, exercises as shipped, the handout.
option(LAB_AUTHOR "Wrong answers, exercises as shipped, the handout" OFF)

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Debug CACHE STRING "Debug or Release" FORCE)
endif()
# Assertions stay on in every lab build.
string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_RELEASE "${CMAKE_C_FLAGS_RELEASE}")

# What every file of the lab is compiled with.
add_library(lab_options INTERFACE)
target_include_directories(lab_options INTERFACE ${PROJECT_SOURCE_DIR}/lib
    ${PROJECT_SOURCE_DIR}/lessons)
target_compile_definitions(lab_options INTERFACE _POSIX_C_SOURCE=200809L
    $<$<CONFIG:Debug>:LAB_DEBUG>)
target_compile_options(lab_options INTERFACE
    # A coroutine's place in a report reads the same on every machine.
    -fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
    -Wformat=2 -Wundef -Wcast-qual -Wpointer-arith -Wwrite-strings
    -Wstrict-prototypes -Wold-style-definition -Wmissing-prototypes -Wvla
    -Wswitch-enum -Wimplicit-fallthrough -Wnull-dereference
    $<$<C_COMPILER_ID:GNU>:-Wjump-misses-init -Wlogical-op -Wduplicated-cond
        -Wduplicated-branches>
    $<$<C_COMPILER_ID:Clang,AppleClang>:-Wconditional-uninitialized -Wcomma>)
if(LAB_WERROR)
    target_compile_options(lab_options INTERFACE -Werror)
endif()
# A learner waits for the linker at each save, and lld takes half the time.
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    include(CheckLinkerFlag)
    check_linker_flag(C -fuse-ld=lld LAB_LLD)
    if(LAB_LLD)
        add_link_options(-fuse-ld=lld)
    endif()
endif()
if(LAB_SANITIZE)
    add_compile_options(-fsanitize=address,undefined
        -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
endif()
