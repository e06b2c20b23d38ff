# What `lab reset` restores is what is shipped.
#     cmake -DROOT=DIR -P shipped.cmake
file(GLOB exercises RELATIVE ${ROOT}/lessons ${ROOT}/lessons/[0-9]*/exercise.c)
foreach(exercise ${exercises})
    get_filename_component(lesson ${exercise} DIRECTORY)
    execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files
        ${ROOT}/lessons/${exercise} ${ROOT}/lessons/lab/shipped/${lesson}.c
        RESULT_VARIABLE differs ERROR_QUIET)
    if(differs)
        message(SEND_ERROR "${exercise} is not lab/shipped/${lesson}.c; "
            "if that is meant: cmake --build BUILD --target ship")
    endif()
endforeach()
