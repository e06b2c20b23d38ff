cmake_minimum_required(VERSION 3.20)
# Unpacks BUILD's handout in an empty folder and does lesson 11 there: it
# configures, says "not written yet", and passes with ANSWER in its place.
# No solution may be in it.
set(folder ${BUILD}/handout-test)
file(REMOVE_RECURSE ${folder})
file(MAKE_DIRECTORY ${folder})
function(run expected)
    execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${folder}/awaitlab
        RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE out)
    if(NOT status EQUAL expected)
        message(FATAL_ERROR "${ARGN}\nstatus ${status}, not ${expected}:\n${out}")
    endif()
    set(out "${out}" PARENT_SCOPE)
endfunction()
execute_process(COMMAND ${CMAKE_COMMAND} --build ${BUILD} --target handout
    RESULT_VARIABLE status OUTPUT_QUIET)
if(NOT status EQUAL 0)
    message(FATAL_ERROR "the target handout does not build")
endif()
file(ARCHIVE_EXTRACT INPUT ${BUILD}/awaitlab-handout.tar.gz
    DESTINATION ${folder})
file(GLOB_RECURSE hidden RELATIVE ${folder} ${folder}/awaitlab/*.c)
list(FILTER hidden EXCLUDE REGEX
    "/(demo|exercise)[.]c$|/break/|/lessons/lab/|/tests/")
if(hidden)
    message(FATAL_ERROR "solutions in the handout: ${hidden}")
endif()
run(0 ${CMAKE_COMMAND} -S . -B b -DCMAKE_C_COMPILER=${COMPILER})
run(0 ${CMAKE_COMMAND} --build b --target exercise_11_gather -j2)
run(77 b/bin/exercise_11_gather)
configure_file(${ANSWER} ${folder}/awaitlab/lessons/11_gather/exercise.c
    COPYONLY)
run(0 ${CMAKE_COMMAND} --build b --target exercise_11_gather lab -j2)
run(0 b/bin/exercise_11_gather)
run(0 b/bin/lab check 11)
if(NOT out MATCHES "passed")
    message(FATAL_ERROR "lab check 11 in the handout said:\n${out}")
endif()
file(REMOVE_RECURSE ${folder})
