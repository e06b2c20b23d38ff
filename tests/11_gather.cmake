# Lesson 11: its test, its exercise, its demo against the notebook's cells 5
# and 6, its broken programs, its Python twin.
#
# Run as a script (cmake -P), it is the demo's test: PROGRAM --only PART in
# virtual time must print exactly what stands below, times in ms.
if(CMAKE_SCRIPT_MODE_FILE)
    set(order "
    0 | starting main()
  500 | done 1
 1000 | done 2
 1500 | done 0
 1500 | [0, 1, 2]
 1500 | finished main in 1.5000 second(s)
")
    set(exceptions "
    0 | starting main()
    0 | starting fetch_status(http://127.0.0.1:PORT/)
    0 | starting fetch_status(python://www.example.com)
    0 | finished fetch_status in 0.0000 second(s)
    0 | finished fetch_status in 0.0000 second(s)
    0 | [200, AssertionError()]
    0 | finished main in 0.0000 second(s)
")
    set(raise "
    0 | starting main()
    0 | starting fetch_status(python://www.example.com)
    0 | finished fetch_status in 0.0000 second(s)
    0 | gather raised AssertionError() - siblings are NOT cancelled
 1000 | sibling 0 got 200
 1500 | leaving the session block; sibling 2 still runs
 1500 | finished main in 1.5000 second(s)
 1500 | sibling 2 ended by CancelledError
")
    set(two-failures "
    0 | starting main()
 1000 | gather raised ValueError('early')
 3200 | second failure is swallowed silently (no \"never retrieved\")
 3200 | finished main in 3.2000 second(s)
")
    set(thousand "
    0 | starting main()
10000 | [200, 200, 200, 200, 200, ..., 200, 200]
10000 | 1000 requests, 1000 times 200, 100 connections
10000 | the server saw at most 100 at once
10000 | finished main in 10.0000 second(s)
")
    set(ten "
    0 | starting main()
20000 | [200, 200, 200, 200, 200, ..., 200, 200]
20000 | 200 requests, 200 times 200, 10 connections
20000 | the server saw at most 10 at once
20000 | finished main in 20.0000 second(s)
")
    set(no-keep-alive "
    0 | starting main()
20000 | [200, 200, 200, 200, 200, ..., 200, 200]
20000 | 200 requests, 200 times 200, 200 connections
20000 | the server saw at most 10 at once
20000 | finished main in 20.0000 second(s)
")
    execute_process(COMMAND ${PROGRAM} --speed max --stamps --only ${ARGS}
        RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
    string(REGEX REPLACE "127.0.0.1:[0-9]+" "127.0.0.1:PORT" output
        "\n${output}")
    if(NOT status EQUAL 0 OR NOT output STREQUAL "${${PART}}")
        message(FATAL_ERROR "status ${status}; expected:${${PART}}"
            "it says:${output}")
    endif()
    return()
endif()

lab_lesson_test(11_gather)

function(demo_11 part)
    add_test(NAME demo.11_gather.${part} COMMAND ${CMAKE_COMMAND}
        -DPROGRAM=$<TARGET_FILE:11_gather> -DPART=${part} "-DARGS=${ARGN}"
        -P ${PROJECT_SOURCE_DIR}/tests/11_gather.cmake)
    set_tests_properties(demo.11_gather.${part} PROPERTIES TIMEOUT 60)
endfunction()
demo_11(order order)
demo_11(exceptions exceptions)
demo_11(raise raise)
demo_11(two-failures two-failures)
demo_11(thousand thousand)
demo_11(ten thousand --count 200 --limit 10)
demo_11(no-keep-alive thousand --count 200 --limit 10 --force-close)

lab_break(11_gather/frame_dies STATUS nonzero SKIP_UNLESS sanitize
    EXPECT "the parent ended: quick failed.*heap-use-after-free")
lab_break(11_gather/completion_order STATUS 1
    EXPECT "apples +cost 1, we say 2.*3 of 3 wrong")
lab_break(11_gather/slowest STATUS 1
    EXPECT "came at  1 s, seen at 10 s.*2 of 3 seen too late")

find_program(LAB_PYTHON python3)
if(LAB_PYTHON)
    add_test(NAME python.11_gather COMMAND sh -c
        "\"$0\" -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11))' || exit 77; exec \"$0\" \"$1\""
        ${LAB_PYTHON} ${PROJECT_SOURCE_DIR}/lessons/11_gather/gather.py)
    set_tests_properties(python.11_gather PROPERTIES SKIP_RETURN_CODE 77
        PASS_REGULAR_EXPRESSION "200, AssertionError.*True, False, True"
        TIMEOUT 30)
endif()
