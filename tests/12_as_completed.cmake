# Lesson 12: its test, its exercise, its demo against the notebook's cells 7
# and 8, its broken programs, its Python twin.
#
# Run as a script (cmake -P), it is the demo's test: PROGRAM --only PART in
# virtual time must print exactly what stands below, times in ms. CPython
# cancels the two that are left in the order of a set, which is by address;
# ours is the order of creation.
if(CMAKE_SCRIPT_MODE_FILE)
    set(completed "
    0 | starting main()
 1000 | 200
 1000 | 200
10000 | 200
10000 | finished main in 10.0000 second(s)
")
    set(timeout "
    0 | starting main()
 1000 |    fetcher C finished by itself
 1000 | 200
 2000 | TimeoutError
 2000 | TimeoutError
 2000 | tasks still alive: 2
 2000 | finished main in 2.0000 second(s)
 2000 |    fetcher A ended by CancelledError
 2000 |    fetcher B ended by CancelledError
")
    set(stay "
    0 | starting main()
 1000 |    fetcher C finished by itself
 1000 | 200
 2000 | TimeoutError
 2000 | TimeoutError
10000 |    fetcher A finished by itself
10000 |    fetcher B finished by itself
12000 | finished main in 12.0000 second(s)
")
    set(notebook "
    0 | starting main()
 1000 |    fetcher C finished by itself
 1000 | 200
 2000 | TimeoutError
 2000 | TimeoutError
 2000 | tasks still alive: 2
 2000 | finished main in 2.0000 second(s)
 2000 | --- main() is over; the notebook loop goes on
10000 |    fetcher A ended by RuntimeError Session is closed
10000 |    fetcher B ended by RuntimeError Session is closed
task fetcher A failed and nobody looked: Session is closed
task fetcher B failed and nobody looked: Session is closed
")
    execute_process(COMMAND ${PROGRAM} --speed max --stamps --only ${PART}
        RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT status EQUAL 0 OR NOT "\n${output}" STREQUAL "${${PART}}")
        message(FATAL_ERROR "status ${status}; expected:${${PART}}"
            "it says:\n${output}")
    endif()
    return()
endif()

lab_lesson_test(12_as_completed)

foreach(part completed timeout stay notebook)
    add_test(NAME demo.12_as_completed.${part} COMMAND ${CMAKE_COMMAND}
        -DPROGRAM=$<TARGET_FILE:12_as_completed> -DPART=${part}
        -P ${PROJECT_SOURCE_DIR}/tests/12_as_completed.cmake)
    set_tests_properties(demo.12_as_completed.${part} PROPERTIES TIMEOUT 60)
endforeach()

lab_break(12_as_completed/left_early STATUS nonzero SKIP_UNLESS sanitize
    EXPECT "1 s: one result is enough.*heap-use-after-free")
lab_break(12_as_completed/still_at_work STATUS 1
    EXPECT "2 s: TimeoutError; the server works on 2.* 9 s: .*works on 2.*11 s: .*works on 0")
lab_break(12_as_completed/who_is_left STATUS 1
    EXPECT "1 s: result of C, pending: 2.*2 s: timeout of .*2 still run")

find_program(LAB_PYTHON python3)
if(LAB_PYTHON)
    add_test(NAME python.12_as_completed COMMAND sh -c
        "\"$0\" -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11))' || exit 77; exec \"$0\" \"$1\""
        ${LAB_PYTHON}
        ${PROJECT_SOURCE_DIR}/lessons/12_as_completed/as_completed.py)
    set_tests_properties(python.12_as_completed PROPERTIES TIMEOUT 30
        SKIP_RETURN_CODE 77
        PASS_REGULAR_EXPRESSION "200.TimeoutError.TimeoutError.tasks still")
endif()
