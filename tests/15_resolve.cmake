# Lesson 15: its test, its exercise, its demo, its broken programs, its
# Python twin.
lab_lesson_test(15_resolve)
