# Lesson 17: its test, its exercise, its demo, its broken programs, its
# Python twin. The demo lives in real time: a child takes what it takes.
lab_lesson_test(17_https)

lab_demo(17_https children "cat: hello
cat: exit status 0
sh, on its standard error: sorry
sh: exit status 3
sleep 1000: CancelledError
sleep 1000: killed by signal 9
" --only children --speed 10 --quiet)
find_program(LAB_OPENSSL openssl)
if(LAB_WIDE AND LAB_OPENSSL)
    add_test(NAME demo.17_https.https COMMAND 17_https --only https)
    set_tests_properties(demo.17_https.https PROPERTIES TIMEOUT 60
        PASS_REGULAR_EXPRESSION
        "status 200.*: self.signed certificate.*: hostname mismatch")
endif()
add_test(NAME demo.17_https.without_openssl COMMAND ${CMAKE_COMMAND} -E env
    PATH=/nowhere $<TARGET_FILE:17_https> --url https://127.0.0.1:9/)
set_tests_properties(demo.17_https.without_openssl PROPERTIES TIMEOUT 30
    PASS_REGULAR_EXPRESSION "^17_https: https: no openssl on PATH")

lab_break(17_https/zombies STATUS 1
    EXPECT "5 have ended, 5 are still there.*: no child is left")
lab_break(17_https/unread STATUS 1
    EXPECT "the answer, within 500 ms: E_TIMEOUT")
lab_break(17_https/inherited STATUS 1
    EXPECT "cat's input: it goes on reading.*and so has cat")
lab_break(17_https/a_list STATUS 1
    EXPECT "/drop: E_DISCONNECTED, and that is the end.*2 of 5 URLs fetched")

lab_python(17_https/child.py
    "cat: hello.*exit status 0.*sorry.*exit status 3.*signal 9.*True.*True")
