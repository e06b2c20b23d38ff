# A handout's tests: each lesson's own.
file(GLOB sources RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}
    ${CMAKE_CURRENT_SOURCE_DIR}/[0-9]*.c)
foreach(source ${sources})
    get_filename_component(lesson ${source} NAME_WE)
    if(lesson MATCHES "^0[1-4]_")
        lab_socket_lesson(${lesson} "")
    else()
        lab_lesson_test(${lesson})
    endif()
endforeach()
