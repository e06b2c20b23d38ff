# Lesson 12: its test, its exercise, its demo against the notebook's cells 7
# and 8, its broken programs, its Python twin. CPython cancels the two that
# are left in the order of a set, which is by address; ours is the order of
# creation.

lab_lesson_test(12_as_completed)

lab_demo(12_as_completed completed "
    0 | starting main()
 1000 | 200
 1000 | 200
10000 | 200
10000 | finished main in 10.0000 second(s)
")
lab_demo(12_as_completed timeout "
    0 | starting main()
 1000 |    fetcher C finished by itself
 1000 | 200
 2000 | TimeoutError
 2000 | TimeoutError
 2000 | tasks still alive: 2
 2000 | finished main in 2.0000 second(s)
 2000 |    fetcher A ended by CancelledError
 2000 |    fetcher B ended by CancelledError
")
lab_demo(12_as_completed stay "
    0 | starting main()
 1000 |    fetcher C finished by itself
 1000 | 200
 2000 | TimeoutError
 2000 | TimeoutError
10000 |    fetcher A finished by itself
10000 |    fetcher B finished by itself
12000 | finished main in 12.0000 second(s)
")
lab_demo(12_as_completed notebook "
    0 | starting main()
 1000 |    fetcher C finished by itself
 1000 | 200
 2000 | TimeoutError
 2000 | TimeoutError
 2000 | tasks still alive: 2
 2000 | finished main in 2.0000 second(s)
 2000 | --- main() is over; the notebook loop goes on
10000 |    fetcher A ended by RuntimeError Session is closed
10000 |    fetcher B ended by RuntimeError Session is closed
task fetcher A failed and nobody looked: Session is closed
task fetcher B failed and nobody looked: Session is closed
")

lab_break(12_as_completed/left_early STATUS nonzero SKIP_UNLESS sanitize
    EXPECT "1 s: one result is enough.*heap-use-after-free")
lab_break(12_as_completed/still_at_work STATUS 1
    EXPECT "2 s: TimeoutError; the server works on 2.* 9 s: .*works on 2.*11 s: .*works on 0")
lab_break(12_as_completed/who_is_left STATUS 1
    EXPECT "1 s: result of C, pending: 2.*2 s: timeout of .*2 still run")

lab_python(12_as_completed/as_completed.py
    "200.TimeoutError.TimeoutError.tasks still")
