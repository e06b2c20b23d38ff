# Lesson 10: its test, its exercise, its demo against the notebook's cell 3,
# its broken programs, its Python twin.

lab_lesson_test(10_timeout)

lab_demo(10_timeout total "
    0 | starting main()
    0 | starting fetch_status(session, '/delay/0.5')
   10 | finished fetch_status in 0.0100 second(s)
   10 | finished main in 0.0100 second(s)
   10 | Timeout error | real class: TimeoutError | str: 'total timeout while reading the response head'
")
lab_demo(10_timeout session "
    0 | starting main()
    0 | starting fetch_status(session, '/delay/0.5')
  200 | finished fetch_status in 0.2000 second(s)
  200 | finished main in 0.2000 second(s)
  200 | Timeout error | real class: TimeoutError | str: 'total timeout while reading the response head'
")
lab_demo(10_timeout connect "
    0 | starting main()
    0 | starting fetch_status(session, '/delay/0')
  100 | finished fetch_status in 0.1000 second(s)
  100 | B ServerTimeoutError Connection timeout to host http://127.0.0.1:PORT/delay/0
  300 | A 200
  300 | finished main in 0.3000 second(s)
")
lab_demo(10_timeout sock-read "
    0 | starting main()
    0 | starting fetch_status(session, '/delay/0.5')
  100 | finished fetch_status in 0.1000 second(s)
  100 | finished main in 0.1000 second(s)
  100 | Timeout error | real class: ServerTimeoutError | str: 'Timeout on reading data from socket'
")
lab_demo(10_timeout zero "
    0 | starting main()
    0 | starting fetch_status(session, '/delay/0.2')
  200 | finished fetch_status in 0.2000 second(s)
  200 | Status was 200
  200 | finished main in 0.2000 second(s)
")

lab_break(10_timeout/timer_left_running STATUS nonzero SKIP_UNLESS sanitize
    EXPECT "1 s: done in time.*heap-use-after-free")
lab_break(10_timeout/not_my_cancellation STATUS 1
    EXPECT "3 s: main: worker, please stop.*asked 3 times, and it ended well")
lab_break(10_timeout/one_after_another STATUS 1
    EXPECT "3 s: status 200, in time.*3 s for what one waits 1 s for")

lab_python(10_timeout/timeout.py
    "cancelled by another ours CancelledError, asyncio's CancelledError")
