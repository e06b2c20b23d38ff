# Lesson 14: its test, its exercise, its demo, its broken programs, its
# Python twin.
#
# Run as a script (cmake -P), it is the demo's test: PROGRAM --only PART in
# virtual time must print exactly what stands below, times in ms.
if(CMAKE_SCRIPT_MODE_FILE)
    set(together "
    0 | starting main()
 1000 |    fetcher A got 200
 2000 |    fetcher B got 200
 3000 |    fetcher C got 200
 3000 | all done
 3000 | finished main in 3.0000 second(s)
")
    set(fails "
    0 | starting main()
 1000 |    fetcher A ended by AssertionError
 1000 |    fetcher B ended by CancelledError
 1000 |    fetcher C ended by CancelledError
 1500 |    fetcher B has cleaned up
 1500 |    fetcher C has cleaned up
 1500 | ExceptionGroup('unhandled errors in a TaskGroup', [AssertionError()])
 1500 | finished main in 1.5000 second(s)
")
    set(body "
    0 | starting main()
 1000 |    body raises ValueError
 1000 |    fetcher A ended by CancelledError
 1000 |    fetcher B ended by CancelledError
 1500 |    fetcher A has cleaned up
 1500 |    fetcher B has cleaned up
 1500 | ExceptionGroup('unhandled errors in a TaskGroup', [ValueError()])
 1500 | finished main in 1.5000 second(s)
")
    set(cancel "
    0 | starting main()
 1000 | cancel -> True
 1000 |    fetcher A ended by CancelledError
 1000 |    fetcher B ended by CancelledError
 1500 |    fetcher A has cleaned up
 1500 |    fetcher B has cleaned up
 1500 | finished main in 1.5000 second(s)
 1500 | main ended by CancelledError
")
    set(shield "
    0 | starting main()
 1000 |    fetcher A ended by AssertionError
 1000 |    fetcher B ended by CancelledError
 1000 |    keeper ended by CancelledError
 1500 |    fetcher B has cleaned up
 1500 | ExceptionGroup('unhandled errors in a TaskGroup', [AssertionError()])
 2000 | save is done, behind its shield
 2000 | finished main in 2.0000 second(s)
")
    execute_process(COMMAND ${PROGRAM} --speed max --stamps --only ${PART}
        RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT status EQUAL 0 OR NOT "\n${output}" STREQUAL "${${PART}}")
        message(FATAL_ERROR "status ${status}; expected:${${PART}}"
            "it says:\n${output}")
    endif()
    return()
endif()

lab_lesson_test(14_task_group)

foreach(part together fails body cancel shield)
    add_test(NAME demo.14_task_group.${part} COMMAND ${CMAKE_COMMAND}
        -DPROGRAM=$<TARGET_FILE:14_task_group> -DPART=${part}
        -P ${PROJECT_SOURCE_DIR}/tests/14_task_group.cmake)
    set_tests_properties(demo.14_task_group.${part} PROPERTIES TIMEOUT 60)
endforeach()

lab_break(14_task_group/swallows STATUS 1
    EXPECT "1 s  A fails.*1 s  B: .*again.*28 s  the group is over")
lab_break(14_task_group/body_owns STATUS nonzero SKIP_UNLESS sanitize
    EXPECT "the body is done.*heap-use-after-free")
lab_break(14_task_group/outer_again STATUS 1
    EXPECT "think the save was: cancelled.*the save itself is: pending")
lab_break(14_task_group/blocking_lookup STATUS 1
    EXPECT "6 ticks were due, 0 came")

find_program(LAB_PYTHON python3)
if(LAB_PYTHON)
    add_test(NAME python.14_task_group COMMAND sh -c
        "\"$0\" -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11))' || exit 77; exec \"$0\" \"$1\""
        ${LAB_PYTHON} ${PROJECT_SOURCE_DIR}/lessons/14_task_group/task_group.py)
    set_tests_properties(python.14_task_group PROPERTIES SKIP_RETURN_CODE 77
        TIMEOUT 30)
endif()
