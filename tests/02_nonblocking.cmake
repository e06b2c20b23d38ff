# Lesson 02: its test, its exercise, its demo, its broken programs, its
# Python twin.
lab_socket_lesson(02_nonblocking nonblocking.c)
lab_socket_demo(02_nonblocking "${side_by_side}")
lab_python(02_nonblocking/nonblocking.py "while the slow one is silent: .*ONE")
lab_break(02_nonblocking/eagain_is_no_end
    EXPECT "so it closes.*Broken pipe" STATUS 1)
lab_break(02_nonblocking/spins
    EXPECT "100000 system calls, 0 with a result" STATUS 1)
