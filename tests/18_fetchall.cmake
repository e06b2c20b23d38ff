# Lesson 18: its test, its exercise, its demo, its broken programs, its
# Python twin.
lab_lesson_test(18_fetchall)
