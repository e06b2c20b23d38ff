# Lesson 14: its test, its exercise, its demo, its broken programs, its
# Python twin.

lab_lesson_test(14_task_group)

lab_demo(14_task_group together "
    0 | starting main()
 1000 |    fetcher A got 200
 2000 |    fetcher B got 200
 3000 |    fetcher C got 200
 3000 | all done
 3000 | finished main in 3.0000 second(s)
")
lab_demo(14_task_group fails "
    0 | starting main()
 1000 |    fetcher A ended by AssertionError
 1000 |    fetcher B ended by CancelledError
 1000 |    fetcher C ended by CancelledError
 1500 |    fetcher B has cleaned up
 1500 |    fetcher C has cleaned up
 1500 | ExceptionGroup('unhandled errors in a TaskGroup', [AssertionError()])
 1500 | finished main in 1.5000 second(s)
")
lab_demo(14_task_group body "
    0 | starting main()
 1000 |    body raises ValueError
 1000 |    fetcher A ended by CancelledError
 1000 |    fetcher B ended by CancelledError
 1500 |    fetcher A has cleaned up
 1500 |    fetcher B has cleaned up
 1500 | ExceptionGroup('unhandled errors in a TaskGroup', [ValueError()])
 1500 | finished main in 1.5000 second(s)
")
lab_demo(14_task_group cancel "
    0 | starting main()
 1000 | cancel -> True
 1000 |    fetcher A ended by CancelledError
 1000 |    fetcher B ended by CancelledError
 1500 |    fetcher A has cleaned up
 1500 |    fetcher B has cleaned up
 1500 | finished main in 1.5000 second(s)
 1500 | main ended by CancelledError
")
lab_demo(14_task_group shield "
    0 | starting main()
 1000 |    fetcher A ended by AssertionError
 1000 |    fetcher B ended by CancelledError
 1000 |    keeper ended by CancelledError
 1500 |    fetcher B has cleaned up
 1500 | ExceptionGroup('unhandled errors in a TaskGroup', [AssertionError()])
 2000 | save is done, behind its shield
 2000 | finished main in 2.0000 second(s)
")

lab_break(14_task_group/swallows STATUS 1
    EXPECT "1 s  A fails.*1 s  B: .*again.*28 s  the group is over")
lab_break(14_task_group/body_owns STATUS nonzero SKIP_UNLESS sanitize
    EXPECT "the body is done.*heap-use-after-free")
lab_break(14_task_group/outer_again STATUS 1
    EXPECT "think the save was: cancelled.*the save itself is: pending")
lab_break(14_task_group/blocking_lookup STATUS 1
    EXPECT "6 ticks were due, 0 came")

lab_python(14_task_group/task_group.py
    "fails: .*C cleaned up, ExceptionGroup.*cancel: .*CancelledError")
