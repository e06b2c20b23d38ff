# Lesson 18: its test, its exercise, its demo, its broken programs, its
# Python twin.
lab_lesson_test(18_fetchall)

# What is given to the exercise: the list, the bodies, the dice.
add_executable(test_18_fetchall_list 18_fetchall_list.c)
target_link_libraries(test_18_fetchall_list PRIVATE lab_check lab_lessons)
target_compile_definitions(test_18_fetchall_list PRIVATE _XOPEN_SOURCE=700)
add_test(NAME lesson.18_fetchall.list COMMAND test_18_fetchall_list)
set_tests_properties(lesson.18_fetchall.list PROPERTIES TIMEOUT 60)
