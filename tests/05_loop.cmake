# Lesson 05: its test, its exercise, its demo, its broken programs, its
# Python twin.
#
# Run as a script (cmake -P), it is the demo's test: PROGRAM --speed max
# must print exactly this.
if(CMAKE_SCRIPT_MODE_FILE)
    set(expected "1.0 s  tick
1.5 s  client sends hello
1.5 s  server is readable
1.5 s  client is readable: HELLO
1.5 s  call_soon: in the turn after that
2.0 s  tick
3.0 s  tick
3.0 s  nothing left to do: the loop ends
")
    execute_process(COMMAND ${PROGRAM} --speed max
        RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT status EQUAL 0 OR NOT output STREQUAL expected)
        message(FATAL_ERROR "status ${status}; expected:\n${expected}"
            "it says:\n${output}")
    endif()
    return()
endif()

# Its loop is its own: LAB_POLLER means nothing to it, one run is enough.
lab_lesson_test(05_loop)

add_test(NAME demo.05_loop COMMAND ${CMAKE_COMMAND}
    -DPROGRAM=$<TARGET_FILE:05_loop>
    -P ${PROJECT_SOURCE_DIR}/tests/05_loop.cmake)
set_tests_properties(demo.05_loop PROPERTIES TIMEOUT 60)

lab_break(05_loop/busy_callback STATUS 1
    EXPECT "2 s  tick that was due at 1 s.*ticks that came too late: 1")
lab_break(05_loop/drain STATUS 1
    EXPECT "10000 calls, and the byte was read 0 times")
lab_break(05_loop/soup STATUS 1
    EXPECT "census: 3 of 5 callers were told, 2 fds left")

find_program(LAB_PYTHON python3)
if(LAB_PYTHON)
    add_test(NAME python.05_loop COMMAND sh -c
        "\"$0\" -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11))' || exit 77; exec \"$0\" \"$1\""
        ${LAB_PYTHON} ${PROJECT_SOURCE_DIR}/lessons/05_loop/loop.py)
    set_tests_properties(python.05_loop PROPERTIES SKIP_RETURN_CODE 77
        TIMEOUT 30)
endif()
