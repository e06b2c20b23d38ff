lab_socket_lesson(02_nonblocking nonblocking.c)
lab_socket_demo(02_nonblocking "0 s  quick 1  is answered .ONE.n.\n0 s  quick 2  is answered .TWO.n.\n0 s  quick 3  is answered .THREE.n.\n1 s  slow     sends .el.\n2 s  slow     sends .lo.n.\n2 s  slow     is answered .HELLO.n.\n2 s  server ")
lab_socket_twin(02_nonblocking nonblocking.py)
lab_break(02_nonblocking/eagain_is_no_end
    EXPECT "so it closes.*Broken pipe" STATUS 1)
lab_break(02_nonblocking/spins
    EXPECT "100000 system calls, 0 with a result" STATUS 1)
