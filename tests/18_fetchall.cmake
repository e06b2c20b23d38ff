# Lesson 18: its test, its exercise, its demo, its broken programs, its
# Python twin.
lab_lesson_test(18_fetchall)

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
