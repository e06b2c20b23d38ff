# Lesson 03: its test, its exercise, its demo, its broken programs, its
# Python twin.
lab_socket_lesson(03_select select.c)
lab_socket_demo(03_select "${side_by_side}")
lab_python(03_select/select_server.py "while the slow one is silent: .*ONE")
lab_break(03_select/beyond_fd_setsize
    EXPECT "out of bounds|overflow|out of range|neighbour in memory|^skipped:"
    STATUS nonzero)
lab_break(03_select/not_reading
    EXPECT "a client that does not read.*answered, now that" STATUS 1)
