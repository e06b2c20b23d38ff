cmake_minimum_required(VERSION 3.20)
# Packs BUILD/awaitlab-handout.tar.gz: the tree without the solutions'
# sources (lib/ and lessons/NN/*.c but demo.c, exercise.c and break/), with
# LIBRARIES, which hold them compiled. It builds where the compiler is the
# same: `lab check` works there as at home; `lab diff` has nothing to show.
set(folder ${BUILD}/handout/awaitlab)
file(REMOVE_RECURSE ${BUILD}/handout)
file(MAKE_DIRECTORY ${folder}/lib/prebuilt)

# copy(PATTERN...): keeps each file's place in the tree.
function(copy)
    file(GLOB files RELATIVE ${ROOT} ${ARGN})
    foreach(file ${files})
        get_filename_component(place ${folder}/${file} DIRECTORY)
        file(COPY ${ROOT}/${file} DESTINATION ${place})
    endforeach()
endfunction()

copy(${ROOT}/LICENSE ${ROOT}/README.md ${ROOT}/CMakePresets.json
    ${ROOT}/lib/options.cmake ${ROOT}/lib/*.h ${ROOT}/lib/*/*.h
    ${ROOT}/lessons/*.* ${ROOT}/lessons/lab/* ${ROOT}/lessons/lab/shipped/*)
file(GLOB rooms ${ROOT}/lessons/[0-9]*)
foreach(room ${rooms})
    copy(${room}/README.md ${room}/*.md ${room}/*.h ${room}/*.py
        ${room}/*.svg ${room}/hints.txt ${room}/demo.c ${room}/break/*)
    # As shipped: the instructor's own may be written already.
    get_filename_component(lesson ${room} NAME)
    configure_file(${ROOT}/lessons/lab/shipped/${lesson}.c
        ${folder}/lessons/${lesson}/exercise.c COPYONLY)
    copy(${ROOT}/tests/${lesson}.c)
endforeach()
copy(${ROOT}/tests/CMakeLists.txt ${ROOT}/tests/support/*.[ch]
    ${ROOT}/tests/support/CMakeLists.txt ${ROOT}/tests/sockets/*
    ${ROOT}/tests/lab/with.cmake ${ROOT}/tests/handout/lessons.cmake)
file(COPY ${LIBRARIES} DESTINATION ${folder}/lib/prebuilt)
configure_file(${ROOT}/tests/handout/CMakeLists.txt.in
    ${folder}/CMakeLists.txt @ONLY)

# Of a link to what is not in the archive the words stay.
include(${CMAKE_CURRENT_LIST_DIR}/../meta/links.cmake)
file(GLOB_RECURSE pages ${folder}/*.md)
foreach(page ${pages})
    broken_links(${page} broken)
    file(READ ${page} text)
    foreach(target ${broken})
        string(REGEX REPLACE "!?\\[([^]]*)\\]\\(${target}\\)" "\\1" text
            "${text}")
    endforeach()
    file(WRITE ${page} "${text}")
endforeach()

execute_process(COMMAND ${CMAKE_COMMAND} -E tar czf
    ${BUILD}/awaitlab-handout.tar.gz awaitlab
    WORKING_DIRECTORY ${BUILD}/handout COMMAND_ERROR_IS_FATAL ANY)
message(STATUS "${BUILD}/awaitlab-handout.tar.gz")
