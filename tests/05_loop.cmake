# Lesson 05: its test, its exercise, its demo, its broken programs, its
# Python twin.

# Its loop is its own: LAB_POLLER means nothing to it, one run is enough.
lab_lesson_test(05_loop)

lab_demo(05_loop all "
1.0 s  tick
1.5 s  client sends hello
1.5 s  server is readable
1.5 s  client is readable: HELLO
1.5 s  call_soon: in the turn after that
2.0 s  tick
3.0 s  tick
3.0 s  nothing left to do: the loop ends
" --speed max)

lab_break(05_loop/busy_callback STATUS 1
    EXPECT "2 s  tick that was due at 1 s.*ticks that came too late: 1")
lab_break(05_loop/drain STATUS 1
    EXPECT "10000 calls, and the byte was read 0 times")
lab_break(05_loop/soup STATUS 1
    EXPECT "census: 3 of 5 callers were told, 2 fds left")

lab_python(05_loop/loop.py
    "client sends hello.*client is readable: HELLO.*call_soon.*ends")
