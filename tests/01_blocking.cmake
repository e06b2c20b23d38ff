# Lesson 01: its test, its exercise, its demo, its broken programs, its
# Python twin.
lab_socket_lesson(01_blocking blocking.c)
lab_socket_demo(01_blocking "2 s  slow     is answered .HELLO.n.
2 s  quick 1  is answered .ONE.n.
2 s  quick 2  is answered .TWO.n.
2 s  quick 3  is answered .THREE.n.
2 s  server ")
lab_python(01_blocking/blocking.py "no answer while.*ONE")
lab_break(01_blocking/sigpipe EXPECT "SIGPIPE killed the server" STATUS 1)
lab_break(01_blocking/starved
    EXPECT "no answer in 300 ms.*answered, now that" STATUS 1)
