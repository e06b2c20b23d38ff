# Lesson 11: its test, its exercise, its demo against the notebook's cells 5
# and 6, its broken programs, its Python twin.

lab_lesson_test(11_gather)

lab_demo(11_gather order "
    0 | starting main()
  500 | done 1
 1000 | done 2
 1500 | done 0
 1500 | [0, 1, 2]
 1500 | finished main in 1.5000 second(s)
")
lab_demo(11_gather exceptions "
    0 | starting main()
    0 | starting fetch_status(http://127.0.0.1:PORT/)
    0 | starting fetch_status(python://www.example.com)
    0 | finished fetch_status in 0.0000 second(s)
    0 | finished fetch_status in 0.0000 second(s)
    0 | [200, AssertionError()]
    0 | finished main in 0.0000 second(s)
")
lab_demo(11_gather raise "
    0 | starting main()
    0 | starting fetch_status(python://www.example.com)
    0 | finished fetch_status in 0.0000 second(s)
    0 | gather raised AssertionError() - siblings are NOT cancelled
 1000 | sibling 0 got 200
 1500 | leaving the session block; sibling 2 still runs
 1500 | finished main in 1.5000 second(s)
 1500 | sibling 2 ended by CancelledError
")
lab_demo(11_gather two-failures "
    0 | starting main()
 1000 | gather raised ValueError('early')
 3200 | second failure is swallowed silently (no \"never retrieved\")
 3200 | finished main in 3.2000 second(s)
")
lab_demo(11_gather thousand "
    0 | starting main()
10000 | [200, 200, 200, 200, 200, ..., 200, 200]
10000 | 1000 requests, 1000 times 200, 100 connections
10000 | the server saw at most 100 at once
10000 | finished main in 10.0000 second(s)
")
lab_demo(11_gather ten "
    0 | starting main()
20000 | [200, 200, 200, 200, 200, ..., 200, 200]
20000 | 200 requests, 200 times 200, 10 connections
20000 | the server saw at most 10 at once
20000 | finished main in 20.0000 second(s)
"
    --speed max --stamps --only thousand --count 200 --limit 10)
lab_demo(11_gather no-keep-alive "
    0 | starting main()
20000 | [200, 200, 200, 200, 200, ..., 200, 200]
20000 | 200 requests, 200 times 200, 200 connections
20000 | the server saw at most 10 at once
20000 | finished main in 20.0000 second(s)
"
    --speed max --stamps --only thousand --count 200 --limit 10
    --force-close)

lab_break(11_gather/frame_dies STATUS nonzero SKIP_UNLESS sanitize
    EXPECT "the parent ended: quick failed.*heap-use-after-free")
lab_break(11_gather/completion_order STATUS 1
    EXPECT "apples +cost 1, we say 2.*3 of 3 wrong")
lab_break(11_gather/slowest STATUS 1
    EXPECT "came at  1 s, seen at 10 s.*2 of 3 seen too late")

lab_python(11_gather/gather.py
    "200, AssertionError.*True, False, True")
