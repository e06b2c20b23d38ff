# Lesson 10: its test, its exercise, its demo against the notebook's cell 3,
# its broken programs, its Python twin.
#
# Run as a script (cmake -P), it is the demo's test: PROGRAM --only PART in
# virtual time must print exactly what stands below, times in ms.
if(CMAKE_SCRIPT_MODE_FILE)
    set(total "
    0 | starting main()
    0 | starting fetch_status(session, '/delay/0.5')
   10 | finished fetch_status in 0.0100 second(s)
   10 | finished main in 0.0100 second(s)
   10 | Timeout error | real class: TimeoutError | str: 'total timeout while reading the head'
")
    set(session "
    0 | starting main()
    0 | starting fetch_status(session, '/delay/0.5')
  200 | finished fetch_status in 0.2000 second(s)
  200 | finished main in 0.2000 second(s)
  200 | Timeout error | real class: TimeoutError | str: 'total timeout while reading the head'
")
    set(connect "
    0 | starting main()
    0 | starting fetch_status(session, '/delay/0')
  100 | finished fetch_status in 0.1000 second(s)
  100 | B ServerTimeoutError Connection timeout to host http://127.0.0.1:PORT/delay/0
  300 | A 200
  300 | finished main in 0.3000 second(s)
")
    set(sock-read "
    0 | starting main()
    0 | starting fetch_status(session, '/delay/0.5')
  100 | finished fetch_status in 0.1000 second(s)
  100 | finished main in 0.1000 second(s)
  100 | Timeout error | real class: ServerTimeoutError | str: 'Timeout on reading data from socket'
")
    set(zero "
    0 | starting main()
    0 | starting fetch_status(session, '/delay/0.2')
  200 | finished fetch_status in 0.2000 second(s)
  200 | Status was 200
  200 | finished main in 0.2000 second(s)
")
    execute_process(COMMAND ${PROGRAM} --speed max --stamps --only ${PART}
        RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
    string(REGEX REPLACE "127.0.0.1:[0-9]+" "127.0.0.1:PORT" output
        "${output}")
    if(NOT status EQUAL 0 OR NOT "\n${output}" STREQUAL "${${PART}}")
        message(FATAL_ERROR "status ${status}; expected:${${PART}}"
            "it says:\n${output}")
    endif()
    return()
endif()

lab_lesson_test(10_timeout)

foreach(part total session connect sock-read zero)
    add_test(NAME demo.10_timeout.${part} COMMAND ${CMAKE_COMMAND}
        -DPROGRAM=$<TARGET_FILE:10_timeout> -DPART=${part}
        -P ${PROJECT_SOURCE_DIR}/tests/10_timeout.cmake)
    set_tests_properties(demo.10_timeout.${part} PROPERTIES TIMEOUT 60)
endforeach()

lab_break(10_timeout/timer_left_running STATUS nonzero SKIP_UNLESS sanitize
    EXPECT "1 s: done in time.*heap-use-after-free")
lab_break(10_timeout/not_my_cancellation STATUS 1
    EXPECT "3 s: main: worker, please stop.*asked 3 times, and it ended well")
lab_break(10_timeout/one_after_another STATUS 1
    EXPECT "3 s: status 200, in time.*3 s for what one waits 1 s for")

find_program(LAB_PYTHON python3)
if(LAB_PYTHON)
    add_test(NAME python.10_timeout COMMAND sh -c
        "\"$0\" -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11))' || exit 77; exec \"$0\" \"$1\""
        ${LAB_PYTHON} ${PROJECT_SOURCE_DIR}/lessons/10_timeout/timeout.py)
    set_tests_properties(python.10_timeout PROPERTIES SKIP_RETURN_CODE 77
        TIMEOUT 30)
endif()
