cmake_minimum_required(VERSION 3.20)
# Runs PROGRAM, a wrong answer judged by its lesson's test: it must end with
# 1, and its verdict must give the diagnosis that SOURCE's SEEN line asks for.
include(${CMAKE_CURRENT_LIST_DIR}/read.cmake)
read_lines(${SOURCE} mistake seen)
execute_process(COMMAND ${PROGRAM} --color never RESULT_VARIABLE status
    OUTPUT_VARIABLE verdict ERROR_VARIABLE errors)
# A diagnosis is wrapped where a line is full: compare it unwrapped.
string(REGEX REPLACE "\n +" " " flat "${verdict}")
string(REGEX MATCH "this is what happens when [^\n]*" diagnosis "${flat}")
string(FIND "${diagnosis}" "${seen}" at)
if(NOT status EQUAL 1 OR at EQUAL -1)
    message(FATAL_ERROR "${SOURCE}\n${mistake}\nstatus ${status}, not 1, or "
        "no diagnosis with \"${seen}\":\n${verdict}${errors}")
endif()
message("${verdict}")
