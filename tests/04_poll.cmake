# Lesson 04: its test, its exercise, its demo, its broken programs, its
# Python twin.
lab_socket_lesson(04_poll poll.c)
lab_socket_demo(04_poll "${side_by_side}")
lab_python(04_poll/poll.py "does not read: .*ONE.*the end: b''")
lab_break(04_poll/half_close EXPECT "answers are missing" STATUS 1)
lab_break(04_poll/armed_pollout EXPECT "woke the server 10000 times" STATUS 1)
lab_break(04_poll/one_timeout EXPECT "stayed through 20" STATUS 1)
lab_break(04_poll/by_hand
    EXPECT "Ann is dropped, .silent for 300 ms.; it was 100" STATUS 1)
