# Lesson 06: its test, its exercise, its demo against the notebook's cell 4,
# its broken programs, its Python twin, and one GET written three ways.
#
# Run as a script (cmake -P), it is the demo's test: PROGRAM --only PART in
# virtual time must print exactly what stands below, times in ms.
if(CMAKE_SCRIPT_MODE_FILE)
    set(sequential "
    0 | starting one_by_one(3, 3, 3)
    0 | sleeping 3
 3000 | finished 3
 3000 | sleeping 3
 6000 | finished 3
 6000 | sleeping 3
 9000 | finished 3
 9000 | finished one_by_one in 9.0000 second(s)
")
    set(concurrent "
    0 | starting all_at_once(3, 3, 3)
    0 | sleeping 3
    0 | sleeping 3
    0 | sleeping 3
 3000 | finished 3
 3000 | finished 3
 3000 | finished 3
 3000 | finished all_at_once in 3.0000 second(s)
")
    set(fails "
    0 | sleeping 1
    0 | sleeping 2
    0 | sleeping 3
 1000 | caught ValueError: delay 1: told to fail
 1000 | [done, pending, pending]
 2000 | finished 2
 3000 | finished 3
 5000 | [done, done, done]
")
    set(three "
 1000 | 1, callbacks: status 200
 2000 | 2, a state machine: status 200
 3000 | 3, a coroutine: status 200
")
    execute_process(COMMAND ${PROGRAM} --speed max --stamps --only ${PART}
        RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT status EQUAL 0 OR NOT "\n${output}" STREQUAL "${${PART}}")
        message(FATAL_ERROR "status ${status}; expected:${${PART}}"
            "it says:\n${output}")
    endif()
    return()
endif()

lab_lesson_test(06_await)

foreach(part sequential concurrent fails three)
    add_test(NAME demo.06_await.${part} COMMAND ${CMAKE_COMMAND}
        -DPROGRAM=$<TARGET_FILE:06_await> -DPART=${part}
        -P ${PROJECT_SOURCE_DIR}/tests/06_await.cmake)
    set_tests_properties(demo.06_await.${part} PROPERTIES TIMEOUT 60)
endforeach()

find_program(LAB_PYTHON python3)
if(LAB_PYTHON)
    add_test(NAME python.06_await COMMAND sh -c
        "\"$0\" -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11))' || exit 77; exec \"$0\" \"$1\""
        ${LAB_PYTHON} ${PROJECT_SOURCE_DIR}/lessons/06_await/await_.py)
    set_tests_properties(python.06_await PROPERTIES SKIP_RETURN_CODE 77
        TIMEOUT 30)
endif()

lab_break(06_await/lost_local
    EXPECT "the local says 0, the frame says 6" STATUS 1)
lab_break(06_await/switch_inside
    EXPECT "going to sleep.*chooser .*switch_inside.c:24.*switch of its own"
    STATUS nonzero)
lab_break(06_await/create_and_await
    EXPECT "hoped for 3 s, took 9 s" STATUS 1)
lab_break(06_await/leak_on_error
    EXPECT "get 5: GET /: closed.*census: 5 fds left" STATUS 1)

# The same mistake, written so that the compiler sees it: it must refuse.
set(refuses -Werror=conditional-uninitialized)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    set(refuses -Werror=jump-misses-init)
endif()
add_test(NAME break.06_await.declared_inside COMMAND ${CMAKE_COMMAND}
    -DPROGRAM=${CMAKE_C_COMPILER}
    "-DARGS=-std=c11;-fsyntax-only;-D_POSIX_C_SOURCE=200809L;-DDECLARED_INSIDE;-I${PROJECT_SOURCE_DIR}/lib;-Wall;-Wextra;${refuses};${PROJECT_SOURCE_DIR}/lessons/06_await/break/lost_local.c"
    "-DEXPECT=total" -DSTATUS=nonzero
    -P ${PROJECT_SOURCE_DIR}/tests/break.cmake)
set_tests_properties(break.06_await.declared_inside PROPERTIES LABELS break)

# One GET three ways. The machine written by hand and the coroutine must do
# the same, step by step, under every scenario ...
add_executable(test_06_await_ways 06_await_ways.c)
target_link_libraries(test_06_await_ways PRIVATE lab_check lab_lessons)
foreach(poller poll select)
    add_test(NAME lesson.06_await.ways.${poller} COMMAND test_06_await_ways)
    set_tests_properties(lesson.06_await.ways.${poller} PROPERTIES
        ENVIRONMENT LAB_POLLER=${poller} TIMEOUT 60)
endforeach()

# ... and must be the same code: what the preprocessor makes of both,
# tidied by 06_await_expand, is the same text.
add_executable(06_await_expand 06_await_expand.c)
target_link_libraries(06_await_expand PRIVATE lab_options)
function(expand_way function source name)
    set(from ${PROJECT_SOURCE_DIR}/lessons/06_await/${source})
    set(to ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/06_await_${name})
    add_custom_command(OUTPUT ${to}.txt
        COMMAND ${CMAKE_C_COMPILER} -std=c11 -E -D_POSIX_C_SOURCE=200809L
            -I${PROJECT_SOURCE_DIR}/lib -I${PROJECT_SOURCE_DIR}/lessons
            ${from} -o ${to}.i
        COMMAND 06_await_expand ${function} ${to}.i ${to}.txt
        DEPENDS 06_await_expand ${from}
            ${PROJECT_SOURCE_DIR}/lib/loop/coro.h
            ${PROJECT_SOURCE_DIR}/lessons/06_await/ways.h VERBATIM)
endfunction()
expand_way(machine_get_run way_2_machine.c machine)
expand_way(coroutine_get_body way_3_coroutine.c coroutine)
add_custom_target(06_await_same_code ALL DEPENDS
    ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/06_await_machine.txt
    ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/06_await_coroutine.txt)
add_test(NAME lesson.06_await.same_code COMMAND ${CMAKE_COMMAND}
    -E compare_files ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/06_await_machine.txt
    ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/06_await_coroutine.txt)

if(LAB_WIDE)
# macros.md quotes that text.
add_test(NAME meta.quotes.lessons.06_await.macros.md COMMAND quotes
    --root ${PROJECT_SOURCE_DIR} --bin ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}
    ${PROJECT_SOURCE_DIR}/lessons/06_await/macros.md)
set_tests_properties(meta.quotes.lessons.06_await.macros.md PROPERTIES
    LABELS meta)
endif()
