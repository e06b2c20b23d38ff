# 07 accept: cleanup on every way out, and Ctrl-C.
lab_lesson_test(07_accept)

# The demo: line by line what the notebook's cell prints, and its signals.
add_executable(test_07_accept_demo 07_accept_demo.c)
target_link_libraries(test_07_accept_demo PRIVATE lab_check)
target_compile_definitions(test_07_accept_demo PRIVATE
    DEMO="$<TARGET_FILE:07_accept>")
add_dependencies(test_07_accept_demo 07_accept)
add_test(NAME demo.07_accept COMMAND test_07_accept_demo)
set_tests_properties(demo.07_accept PROPERTIES TIMEOUT 60)

lab_break(07_accept/double_close
    EXPECT "Carol reads .for Bob's eyes only" STATUS 1)
lab_break(07_accept/interrupted_exit
    EXPECT "1 x: the socket is closed.*2 x: the socket is STILL OPEN"
    STATUS 1)
lab_break(07_accept/blocking_connect
    EXPECT "connect.. blocked: 0.*it ticked on" STATUS 1)

lab_python(07_accept/accept.py
    "--- error.*Exiting.*Closed.*--- cancel-early.Entering.*True.caught")
