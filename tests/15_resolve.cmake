# Lesson 15: its test, its exercise, its demo, its broken programs, its
# Python twin.
lab_lesson_test(15_resolve)

lab_demo(15_resolve thread "
    0 | looking up slow.example
  500 | tick
 1000 | tick
 1500 | tick
 2000 | tick
 2000 | slow.example is 127.0.0.1:PORT
 2500 | tick
")
lab_demo(15_resolve timeout "
    0 | looking up slow.example
 1000 | CancelledError: cancelled
 1000 | TimeoutError, threads at work: 1
 2000 | and now: 0
")
lab_demo(15_resolve session "
 2000 | A: status 200
 2000 | B: status 200
 2000 | C: status 200
 2000 | D: status 200
 2000 | E: status 200
 2000 | 5 requests, 5 connections, 1 lookup
")
# The words are the system's.
add_test(NAME demo.15_resolve.error COMMAND 15_resolve --speed max
    --only error)
set_tests_properties(demo.15_resolve.error PROPERTIES TIMEOUT 30
    PASS_REGULAR_EXPRESSION "OSError: resolve nowhere\\.example: [A-Za-z]")
add_test(NAME demo.15_resolve.real COMMAND 15_resolve --only real)
set_tests_properties(demo.15_resolve.real PROPERTIES TIMEOUT 30
    PASS_REGULAR_EXPRESSION
    "localhost is (127\\.0\\.0\\.1:80|.::1.:80)")

lab_break(15_resolve/on_the_loop STATUS 1
    EXPECT "loop.s thread, .*: OK, 0 ticks.*in a thread, .*: E_TIMEOUT, ticks")
lab_break(15_resolve/result_in_the_frame STATUS nonzero
    SKIP_UNLESS sanitize EXPECT "its frame is freed.*heap-use-after-free")
lab_break(15_resolve/all_of_them STATUS 1
    EXPECT "1000 words heard, 20[0-9]+ sockets looked at")

lab_python(15_resolve/resolve.py
    "nobody went.*in a thread: .*others went.*asyncio.* others went.*TimeoutE")
