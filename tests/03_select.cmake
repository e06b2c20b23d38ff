lab_socket_lesson(03_select select.c)
lab_socket_demo(03_select "0 s  quick 1  is answered .ONE.n.\n0 s  quick 2  is answered .TWO.n.\n0 s  quick 3  is answered .THREE.n.\n1 s  slow     sends .el.\n2 s  slow     sends .lo.n.\n2 s  slow     is answered .HELLO.n.\n2 s  server ")
lab_socket_twin(03_select select_server.py)
lab_break(03_select/beyond_fd_setsize
    EXPECT "out of bounds|overflow|bit out of range|neighbour in memory|^skipped:"
    STATUS nonzero)
lab_break(03_select/not_reading
    EXPECT "a client that does not read.*answered, now that" STATUS 1)
