# Lessons 01 to 04 use nothing of lib/loop: no poller to choose, so a test
# is registered once. tests/sockets stands in for the calls that sleep.
add_library(lab_sockets STATIC sockets/world.c sockets/cases.c
    sockets/next.c)
target_include_directories(lab_sockets PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(lab_sockets PUBLIC lab_check lab_lessons
    ${CMAKE_DL_LIBS})

#     lab_socket_lesson(01_blocking blocking.c)
function(lab_socket_lesson lesson server)
    set(room ${PROJECT_SOURCE_DIR}/lessons/${lesson})
    # _FORTIFY_SOURCE, on by default in some compilers, would call
    # __recv_chk instead of recv, past the stand-in.
    set_source_files_properties(${room}/${server} TARGET_DIRECTORY lab_lessons
        PROPERTIES COMPILE_OPTIONS -U_FORTIFY_SOURCE)
    set_source_files_properties(
        ${PROJECT_SOURCE_DIR}/lessons/01_blocking/wire.c
        TARGET_DIRECTORY lab_lessons
        PROPERTIES COMPILE_OPTIONS -U_FORTIFY_SOURCE)
    add_executable(test_${lesson} ${lesson}.c)
    target_link_libraries(test_${lesson} PRIVATE lab_sockets)
    add_test(NAME lesson.${lesson} COMMAND test_${lesson})
    set_tests_properties(lesson.${lesson} PROPERTIES TIMEOUT 60)
    if(LAB_WIDE AND EXISTS ${room}/exercise.c)
        add_executable(exercise_${lesson} ${lesson}.c ${room}/exercise.c)
        target_compile_options(exercise_${lesson} PRIVATE -U_FORTIFY_SOURCE)
        target_link_libraries(exercise_${lesson} PRIVATE lab_sockets)
        add_test(NAME exercise.${lesson} COMMAND exercise_${lesson})
        set_tests_properties(exercise.${lesson} PROPERTIES TIMEOUT 60
            SKIP_RETURN_CODE 77 LABELS exercise)
    endif()
endfunction()

# What a demo prints, whole, but for the line about the server's sleep,
# which a busy machine may get wrong: its words are matched apart.
#     lab_socket_demo(01_blocking [ARGS ...])
function(lab_socket_demo lesson expected)
    add_test(NAME demo.${lesson} COMMAND ${lesson} --speed max)
    set_tests_properties(demo.${lesson} PROPERTIES TIMEOUT 30
        PASS_REGULAR_EXPRESSION "${expected}")
endfunction()

# The same in Python, from 3.11 on; else skipped.
function(lab_socket_twin lesson file)
    add_test(NAME python.${lesson} COMMAND sh -c
        "python3 -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11))' || exit 77; exec python3 '${PROJECT_SOURCE_DIR}/lessons/${lesson}/${file}'")
    set_tests_properties(python.${lesson} PROPERTIES TIMEOUT 30
        SKIP_RETURN_CODE 77)
endfunction()

lab_socket_lesson(01_blocking blocking.c)
lab_socket_demo(01_blocking "2 s  slow     is answered .HELLO.n.\n2 s  quick 1  is answered .ONE.n.\n2 s  quick 2  is answered .TWO.n.\n2 s  quick 3  is answered .THREE.n.\n2 s  server ")
lab_socket_twin(01_blocking blocking.py)
lab_break(01_blocking/sigpipe EXPECT "SIGPIPE killed the server" STATUS 1)
lab_break(01_blocking/starved
    EXPECT "no answer in 300 ms.*answered, now that" STATUS 1)
