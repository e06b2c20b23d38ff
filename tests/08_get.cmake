# 08 get: one GET, and everything that can go wrong with it.
lab_lesson_test(08_get)

# The demo: line by line what the notebook's cell 2 prints, and its zoo.
add_executable(test_08_get_demo 08_get_demo.c)
target_link_libraries(test_08_get_demo PRIVATE lab_check)
target_compile_definitions(test_08_get_demo PRIVATE
    DEMO="$<TARGET_FILE:08_get>")
add_dependencies(test_08_get_demo 08_get)
add_test(NAME demo.08_get COMMAND test_08_get_demo)
set_tests_properties(demo.08_get PROPERTIES TIMEOUT 60)

lab_break(08_get/so_error_twice
    EXPECT "once : connect.*twice: connected!.twice: send: .*never: connected!.never: send"
    STATUS 1)
lab_break(08_get/one_recv
    EXPECT "first 22 bytes [^:]*: status 404.*: status 4.first.*: status -1"
    STATUS 1)
lab_break(08_get/hundred_connections
    EXPECT "100 socket.., 100 connect.., and the server saw 100" STATUS 1)

lab_python(08_get/get.py
    "AssertionError.*IncompleteReadError.*ValueError.*-> 404")
