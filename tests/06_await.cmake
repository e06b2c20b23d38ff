# Lesson 06: its test, its exercise, its demo against the notebook's cell 4,
# its broken programs, its Python twin, and one GET written three ways.

lab_lesson_test(06_await)

lab_demo(06_await sequential "
    0 | starting one_by_one(3, 3, 3)
    0 | sleeping 3
 3000 | finished 3
 3000 | sleeping 3
 6000 | finished 3
 6000 | sleeping 3
 9000 | finished 3
 9000 | finished one_by_one in 9.0000 second(s)
")
lab_demo(06_await concurrent "
    0 | starting all_at_once(3, 3, 3)
    0 | sleeping 3
    0 | sleeping 3
    0 | sleeping 3
 3000 | finished 3
 3000 | finished 3
 3000 | finished 3
 3000 | finished all_at_once in 3.0000 second(s)
")
lab_demo(06_await fails "
    0 | sleeping 1
    0 | sleeping 2
    0 | sleeping 3
 1000 | caught ValueError: delay 1: told to fail
 1000 | [done, pending, pending]
 2000 | finished 2
 3000 | finished 3
 5000 | [done, done, done]
")
lab_demo(06_await three "
 1000 | 1, callbacks: status 200
 2000 | 2, a state machine: status 200
 3000 | 3, a coroutine: status 200
")

lab_python(06_await/await_.py
    "caught ValueError: delay 1: told to fail.2 still.*0 still")

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
set(inside -std=c11 -fsyntax-only -D_POSIX_C_SOURCE=200809L
    -DDECLARED_INSIDE -I${PROJECT_SOURCE_DIR}/lib -Wall -Wextra ${refuses}
    ${PROJECT_SOURCE_DIR}/lessons/06_await/break/lost_local.c)
add_test(NAME break.06_await.declared_inside COMMAND ${CMAKE_COMMAND}
    -DPROGRAM=${CMAKE_C_COMPILER}
    "-DARGS=${inside}"
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
