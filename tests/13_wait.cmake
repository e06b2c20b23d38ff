# Lesson 13: its test, its exercise, its demo against the notebook's cells 9
# to 13, its broken programs, its Python twin.

lab_lesson_test(13_wait)

# Without memory; the exercises are not judged by this.
add_executable(test_13_wait_memory 13_wait_memory.c)
target_link_libraries(test_13_wait_memory PRIVATE lab_check lab_lessons)
add_test(NAME lesson.13_wait.memory COMMAND test_13_wait_memory)

lab_demo(13_wait all "
    0 | starting main()
 1000 | Done task count: 4
 1000 | Pending task count: 0
 1000 | 200
 1000 | 200
 1000 | 200
 1000 | 200
 1000 | finished main in 1.0000 second(s)
")
lab_demo(13_wait all-errors "
    0 | starting main()
 1000 | Done task count: 2
 1000 | Pending task count: 0
 1000 | 200
 1000 | Error
 1000 | finished main in 1.0000 second(s)
")
lab_demo(13_wait first-exception "
    0 | starting main()
 1000 |    fetcher A ended by AssertionError
 1000 | Done task count: 1
 1000 | Pending task count: 2
 1000 | Error
 1000 | cancel -> True cancelled() -> False
 1000 | cancel -> True cancelled() -> False
 1000 |    fetcher B ended by CancelledError
 1000 |    fetcher C ended by CancelledError
 1000 | finished main in 1.0000 second(s)
")
lab_demo(13_wait first-completed "
    0 | starting main()
 1000 | Done task count: 1
 1000 | Pending task count: 2
 1000 | 200
 3000 | Done task count: 1
 3000 | Pending task count: 1
 3000 | 200
 5000 | Done task count: 1
 5000 | Pending task count: 0
 5000 | 200
 5000 | finished main in 5.0000 second(s)
")
lab_demo(13_wait timeout "
    0 | starting main()
 1000 |    fetcher A finished by itself
 3000 | Done task count: 1
 3000 | Pending task count: 2
 3000 | 200
 3000 | cancel -> True cancelled() -> False
 3000 | cancel -> True cancelled() -> False
 3000 |    fetcher B ended by CancelledError
 3000 |    fetcher C ended by CancelledError
 3000 | finished main in 3.0000 second(s)
")
lab_demo(13_wait modes "
    0 | starting ALL_COMPLETED()
 1000 |    fetcher A finished by itself
 2000 |    fetcher B ended by AssertionError
 3000 |    fetcher C finished by itself
 3000 | Done task count: 3
 3000 | Pending task count: 0
 3000 | 200
 3000 | Error
 3000 | 200
 3000 | finished ALL_COMPLETED in 3.0000 second(s)
 3000 | starting FIRST_EXCEPTION()
 4000 |    fetcher A finished by itself
 5000 |    fetcher B ended by AssertionError
 5000 | Done task count: 2
 5000 | Pending task count: 1
 5000 | 200
 5000 | Error
 5000 | cancel -> True cancelled() -> False
 5000 |    fetcher C ended by CancelledError
 5000 | finished FIRST_EXCEPTION in 2.0000 second(s)
 5000 | starting FIRST_COMPLETED()
 6000 |    fetcher A finished by itself
 6000 | Done task count: 1
 6000 | Pending task count: 2
 6000 | 200
 6000 | cancel -> True cancelled() -> False
 6000 | cancel -> True cancelled() -> False
 6000 |    fetcher B ended by CancelledError
 6000 |    fetcher C ended by CancelledError
 6000 | finished FIRST_COMPLETED in 1.0000 second(s)
")

lab_break(13_wait/pending_forgotten STATUS nonzero SKIP_UNLESS sanitize
    EXPECT "1 s: a child is done.*the frame is freed.*heap-use-after-free")
lab_break(13_wait/cancelled_is_no_error STATUS 1
    EXPECT "no exception: 2 done, 0 pending.*with E_CANCELLED, cancelled by 0")
lab_break(13_wait/cancel_is_a_request STATUS 1
    EXPECT "cancelled.. -> 0.*task B was destroyed but it is pending")
lab_break(13_wait/one_left_behind STATUS 1
    EXPECT "2 s  load is over: B failed.*3 s  C writes.*4 s  C writes")

lab_python(13_wait/wait.py
    "FIRST_EXCEPTION  ours 2/1, asyncio's 2/1")
