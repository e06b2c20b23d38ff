# What a page tells its reader to type must work. Of PAGE, in the build's
# folder BIN: each line of its sh blocks that runs one of our programs must
# end by itself, and well; each program named in `build/dev/bin/...` must
# be there, and a broken one must fail, or it would show nothing.
#     cmake -DPAGE=FILE -DBIN=DIR -P commands.cmake
# Left out: lines that configure, build or test (this is such a build), and
# what waits for its reader: lab, --serve, --step.
function(run line must)
    string(REGEX REPLACE "[ \t]*#.*$" "" line "${line}")
    string(REPLACE "build/dev/bin/" "${BIN}/" command "${line}")
    execute_process(COMMAND sh -c "${command}" RESULT_VARIABLE status
        OUTPUT_VARIABLE output ERROR_VARIABLE output TIMEOUT 60)
    if(must STREQUAL "end well" AND NOT status EQUAL 0)
        message(SEND_ERROR "`${line}` ends with ${status}:\n${output}")
    elseif(must STREQUAL "fail" AND (NOT status MATCHES "^[0-9]+$"
            OR status EQUAL 0))
        message(SEND_ERROR "`${line}` was to fail, not: ${status}")
    endif()
endfunction()

file(READ ${PAGE} text)
set(count 0)
string(REPLACE ";" "," text "${text}")
string(REPLACE "[" "(" text "${text}") # cmake's lists mind brackets
string(REPLACE "]" ")" text "${text}")
string(REPLACE "\n" ";" lines "${text}")
set(shell FALSE)
foreach(line IN LISTS lines)
    if(line STREQUAL "```sh")
        set(shell TRUE)
    elseif(line STREQUAL "```")
        set(shell FALSE)
    elseif(shell AND line MATCHES "^build/dev/bin/"
            AND NOT line MATCHES "/lab( |$)|--step|--serve")
        run("${line}" "end well")
    endif()
endforeach()

string(REGEX MATCHALL "build/dev/bin/[A-Za-z0-9_.]+" named "${text}")
list(REMOVE_DUPLICATES named)
foreach(program ${named})
    string(REPLACE "build/dev/bin/" "${BIN}/" path "${program}")
    if(NOT EXISTS ${path})
        message(SEND_ERROR "${program}: there is no such program")
    elseif(program MATCHES "/break[.]")
        run("${program}" "fail")
    endif()
    math(EXPR count "${count} + 1")
endforeach()
if(count EQUAL 0)
    message(SEND_ERROR "${PAGE}: it names no program")
endif()
