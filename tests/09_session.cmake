# Lesson 09: its test, its exercise, its broken programs, its Python twin.
lab_lesson_test(09_session)
lab_break(09_session/lost_place EXPECT "waits for a future that nobody"
    STATUS 1)
lab_break(09_session/no_limit_of_time EXPECT "after 3 h: still waiting"
    STATUS 1)
lab_python(09_session/session.py "10 requests, 10 times 200, 3 connections")
