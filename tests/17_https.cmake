# Lesson 17: its test, its exercise, its demo, its broken programs, its
# Python twin.
lab_lesson_test(17_https)
