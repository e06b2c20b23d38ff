cmake_minimum_required(VERSION 3.20)
# Runs PROGRAM, a wrong answer judged by its lesson's test: it must end with
# 1, its verdict must give the diagnosis that SOURCE's SEEN line asks for, and
# it may not take long: 3 s of CPU time, its own and that of all it started.
# A second is what we aim at (wrong.slowest tells); caches, hypervisors and
# neighbours double what is counted, so the limit is where something is wrong.
# What it took goes to the file TIME, in milliseconds.
include(${CMAKE_CURRENT_LIST_DIR}/read.cmake)
set(limit 3000)

# "0m0.120s 0m0.03s", as `times` prints it: milliseconds.
function(read_times text result)
    set(sum 0)
    foreach(number 1 2)
        string(REGEX MATCH "^([0-9]+)m([0-9]+)[.,]([0-9]+)s *" all "${text}")
        if(all STREQUAL "")
            message(FATAL_ERROR "no times in \"${text}\"")
        endif()
        set(minutes ${CMAKE_MATCH_1})
        string(LENGTH "${all}" length)
        string(SUBSTRING "${text}" ${length} -1 text)
        # 1.020: as one number, 1020 ms.
        string(SUBSTRING "${CMAKE_MATCH_3}000" 0 3 fraction)
        math(EXPR sum
            "${sum} + ${minutes} * 60000 + ${CMAKE_MATCH_2}${fraction}")
    endforeach()
    set(${result} ${sum} PARENT_SCOPE)
endfunction()

read_lines(${SOURCE} mistake seen)
execute_process(COMMAND sh -c
    "\"$0\" --color never; status=$?; times >&2; exit $status" ${PROGRAM}
    RESULT_VARIABLE status OUTPUT_VARIABLE verdict ERROR_VARIABLE errors)
# The last line: the children's.
string(REGEX REPLACE "\n$" "" errors "${errors}")
string(REGEX MATCH "[^\n]*$" children "${errors}")
read_times("${children}" took)
file(WRITE ${TIME} "${took}\n")
# A diagnosis is wrapped where a line is full: compare it unwrapped. Where no
# cause of the lesson's fits, it is the harness's own: "likely: ...".
string(REGEX REPLACE "\n +" " " flat "${verdict}")
string(REGEX MATCH "(this is what happens when|likely:) [^\n]*" diagnosis
    "${flat}")
string(FIND "${diagnosis}" "${seen}" at)
if(NOT status EQUAL 1 OR at EQUAL -1)
    message(FATAL_ERROR "${SOURCE}\n${mistake}\nstatus ${status}, not 1, or "
        "no diagnosis with \"${seen}\":\n${verdict}${errors}")
endif()
if(took GREATER limit)
    message(FATAL_ERROR "${SOURCE}\nits verdict takes ${took} ms of CPU time, "
        "more than ${limit}:\n${verdict}")
endif()
message("${took} ms of CPU time\n${verdict}")
