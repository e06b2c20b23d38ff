cmake_minimum_required(VERSION 3.20)
# README.md of this folder is made of the wrong answers' first lines: compares
# it, or with -DUPDATE=ON writes it.
include(${CMAKE_CURRENT_LIST_DIR}/read.cmake)
set(page "# Wrong answers

Each file here is a mistake that real students make, written in place of a lesson's `exercise.c`. A test
(`ctest -L wrong`) runs each one under its lesson's test and demands that it fails, with the diagnosis meant for it,
within three seconds of CPU time; which take longest is told at the end (`wrong.slowest`).
See a verdict as a learner would: `lab check 13 --with tests/wrong/13_wait/FILE.c`.

This page is made from the files' first lines (`cmake -DFOLDER=tests/wrong -DUPDATE=ON -P tests/wrong/page.cmake`).
")
file(GLOB folders ${FOLDER}/[0-9]*)
list(SORT folders)
foreach(folder ${folders})
    get_filename_component(lesson ${folder} NAME)
    string(APPEND page "\n## ${lesson}\n\n| file | mistake | diagnosis: \"this is what happens when ...\" |\n|---|---|---|\n")
    file(GLOB sources ${folder}/*.c)
    list(SORT sources)
    foreach(source ${sources})
        read_lines(${source} mistake seen)
        get_filename_component(name ${source} NAME)
        string(APPEND page "| [${name}](${lesson}/${name}) | ${mistake} | ... ${seen} ... |\n")
    endforeach()
endforeach()
if(UPDATE)
    file(WRITE ${FOLDER}/README.md "${page}")
    return()
endif()
set(old "")
if(EXISTS ${FOLDER}/README.md)
    file(READ ${FOLDER}/README.md old)
endif()
if(NOT old STREQUAL page)
    message(FATAL_ERROR "tests/wrong/README.md is not what the files say; "
        "cmake -DFOLDER=tests/wrong -DUPDATE=ON -P tests/wrong/page.cmake")
endif()
