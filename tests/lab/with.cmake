# with_NN_name judges another file in the exercise's place, and can take
# the learner's exercises of other lessons along: `lab check N --with FILE
# --mine N,N` writes BUILD/with/NN_name.c, which includes FILE, and .objects,
# which names their object files for the linker. Nothing else is built from
# those, so the check without them stays what it was.
#     lab_with(11_gather exercise_11_gather $<TARGET_OBJECTS:case_11_gather>)
function(lab_with lesson exercise)
    set(folder ${CMAKE_BINARY_DIR}/with)
    foreach(name ${lesson}.c ${lesson}.objects)
        if(NOT EXISTS ${folder}/${name})
            file(WRITE ${folder}/${name} "")
        endif()
    endforeach()
    # Where our exercise's object is, for the others' .objects.
    set(objects "$<TARGET_OBJECTS:${exercise}>")
    file(GENERATE OUTPUT ${folder}/${lesson}.object
        CONTENT "\"$<FILTER:${objects},INCLUDE,/exercise\\.c\\.>\"\n")
    add_executable(with_${lesson} EXCLUDE_FROM_ALL ${folder}/${lesson}.c
        ${ARGN})
    foreach(property LINK_LIBRARIES COMPILE_OPTIONS)
        get_target_property(value ${exercise} ${property})
        if(value)
            set_target_properties(with_${lesson} PROPERTIES
                ${property} "${value}")
        endif()
    endforeach()
    target_link_options(with_${lesson} PRIVATE @${folder}/${lesson}.objects)
    set_target_properties(with_${lesson} PROPERTIES
        LINK_DEPENDS ${folder}/${lesson}.objects)
endfunction()
