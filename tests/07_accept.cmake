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

find_program(LAB_PYTHON NAMES python3)
if(LAB_PYTHON)
    add_test(NAME python.07_accept COMMAND sh -c
        "'${LAB_PYTHON}' -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11))' || exit 77; exec '${LAB_PYTHON}' '${PROJECT_SOURCE_DIR}/lessons/07_accept/accept.py'")
    set_tests_properties(python.07_accept PROPERTIES SKIP_RETURN_CODE 77
        TIMEOUT 60)
endif()
