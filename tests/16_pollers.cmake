# Lesson 16: its test, its exercise, its demo, its broken programs, its
# Python twin.
lab_lesson_test(16_pollers)
lab_break(16_pollers/https STATUS 1 EXPECT "E_SCHEME: https://example")

if(NOT CMAKE_SYSTEM_NAME STREQUAL "Linux")
    return() # the rest shows epoll
endif()

# What a turn costs is measured, so a machine's own; what the kernel is told
# is counted.
lab_demo(16_pollers told "
    0 |   idle  poller   told
    0 |     10  select     11
    0 |     10  poll       11
    0 |     10  epoll       1
    0 |     10  kept        0
    0 |    100  select    101
    0 |    100  poll      101
    0 |    100  epoll       1
    0 |    100  kept        0
" --speed max --stamps --count-only --most 100)
add_test(NAME demo.16_pollers.cost COMMAND 16_pollers --most 10 --ms 1)
set_tests_properties(demo.16_pollers.cost PROPERTIES TIMEOUT 30
    PASS_REGULAR_EXPRESSION
    "10  poll       11 +[0-9]+ +[0-9.]+  .*10  kept        0 +[0-9]+ +[0-9.]+")
if(LAB_WIDE)
    # Where select refuses, the others go on.
    add_test(NAME demo.16_pollers.beyond COMMAND 16_pollers --count-only)
    set_tests_properties(demo.16_pollers.beyond PROPERTIES TIMEOUT 60
        PASS_REGULAR_EXPRESSION
        "10000  select  fd [0-9]+ is beyond FD_SETSIZE.*10000  kept        0
|10000  RLIMIT_NOFILE does not allow it")
endif()

lab_break(16_pollers/edge STATUS 1
    EXPECT "come, told: 1.*is read, told: 0.*still there: 4 bytes")
lab_break(16_pollers/a_dup_keeps_it STATUS 1
    EXPECT "woken 1000 times in 1000 waits.*take it out: Bad file descriptor")
lab_break(16_pollers/closed_behind_its_back STATUS 1
    EXPECT "has its number, and a word.*main waits for fd")

lab_python(16_pollers/pollers.py
    "poll: .*of 201000 for.*one-shot: .*of 1000 for.*kept: .*of 0 for")
