# Lesson 18: its test, its exercise, its demo, its broken programs, its
# Python twin.
lab_lesson_test(18_fetchall)

lab_demo(18_fetchall table "
    0 | status     bytes tries    time  URL
 1000 |    200         6     1    1.00  /delay/1
 1000 |    200     70000     1    0.00  /bytes/70000
 1500 |    200         6     1    0.50  /delay/0.5
 1500 |    200         6     1    0.00  /redirect/3
 3029 |    200         6     3    3.03  /flaky/2
 3029 | 5 ok, 0 failed; 70024 bytes in 3.03 s, 2 connections
" --speed max --stamps --limit 2
    /delay/1 /flaky/2 /bytes/70000 /delay/0.5 /redirect/3)

# What is given to the exercise: the list, the bodies, the dice.
add_executable(test_18_fetchall_list 18_fetchall_list.c)
target_link_libraries(test_18_fetchall_list PRIVATE lab_check lab_lessons)
target_compile_definitions(test_18_fetchall_list PRIVATE _XOPEN_SOURCE=700)
add_test(NAME lesson.18_fetchall.list COMMAND test_18_fetchall_list)
set_tests_properties(lesson.18_fetchall.list PROPERTIES TIMEOUT 60)

# The tool as a program: a terminal, pipes, Ctrl-C, a folder.
add_executable(test_18_fetchall_tool 18_fetchall_tool.c lab/terminal.c)
target_include_directories(test_18_fetchall_tool PRIVATE lab)
target_link_libraries(test_18_fetchall_tool PRIVATE lab_check)
target_compile_definitions(test_18_fetchall_tool PRIVATE _XOPEN_SOURCE=700
    TOOL="$<TARGET_FILE:18_fetchall>")
add_dependencies(test_18_fetchall_tool 18_fetchall)
add_test(NAME lesson.18_fetchall.tool COMMAND test_18_fetchall_tool)
set_tests_properties(lesson.18_fetchall.tool PROPERTIES TIMEOUT 120
    ENVIRONMENT LAB_CHECK_SECONDS=60)

lab_break(18_fetchall/order_twice STATUS 1
    EXPECT "I ordered 1 book; the shop has 3 orders")
lab_break(18_fetchall/storm STATUS 1
    EXPECT "no jitter, by the second: 200 180 0 160 0 0 0 140 .*second 95.*jitter, .*second 21")
lab_break(18_fetchall/gather_all STATUS 1
    EXPECT "10000 tasks, 100 at work, [0-9.]+ MB.*100 workers, [0-9.]+ MB")
lab_break(18_fetchall/cut_short STATUS 1
    EXPECT "E_INTERRUPTED; page.html is there, and not whole")

lab_python(18_fetchall/fetchall.py
    "broken: .200, 3.*busy: .503, 4.*gone: .404, 1.*silent: TimeoutErr.*cancelled: True cancelled")
