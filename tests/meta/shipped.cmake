cmake_minimum_required(VERSION 3.20)
# Every exercise as shipped: the same as the copy that `lab reset` restores,
# and "not written yet" (77) when it runs.
file(GLOB exercises ${ROOT}/lessons/[0-9]*/exercise.c)
foreach(exercise ${exercises})
    get_filename_component(folder ${exercise} DIRECTORY)
    get_filename_component(lesson ${folder} NAME)
    file(READ ${exercise} here)
    file(READ ${ROOT}/lessons/lab/shipped/${lesson}.c shipped)
    if(NOT here STREQUAL shipped)
        message(SEND_ERROR "lessons/lab/shipped/${lesson}.c is not the "
            "exercise: build the target ship")
    endif()
    execute_process(COMMAND ${BIN}/exercise_${lesson}
        RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE out)
    if(NOT status EQUAL 77 OR NOT out MATCHES "not written yet")
        message(SEND_ERROR "exercise_${lesson}: ${status}, not 77:\n${out}")
    endif()
endforeach()
