cmake_minimum_required(VERSION 3.20)
# Eighty columns, but for a wrong answer's own lines, which a table takes as
# they are; and lib/loop no longer than it is. (-DROOT=the tree)
file(GLOB files ${ROOT}/lib/*.[ch] ${ROOT}/lib/*/*.[ch]
    ${ROOT}/lessons/*/*.[ch] ${ROOT}/lessons/*/break/*.c
    ${ROOT}/lessons/lab/shipped/*.c ${ROOT}/tests/*.c ${ROOT}/tests/*/*.[ch]
    ${ROOT}/tests/wrong/*/*.[ch] ${ROOT}/tests/lib/compile_fail/*.c)
foreach(file ${files})
    file(STRINGS ${file} long REGEX "^[ -~]...............................................................................[ -~]")
    list(FILTER long EXCLUDE REGEX "^/[*] (MISTAKE|SEEN):")
    foreach(line IN LISTS long)
        message(SEND_ERROR "${file}: more than 80 columns:\n${line}")
    endforeach()
endforeach()

# Who adds a line takes one away: it is read top to bottom.
set(limit 2636)
file(GLOB files ${ROOT}/lib/loop/*.[ch])
set(sum 0)
foreach(file ${files})
    file(READ ${file} text)
    string(REGEX REPLACE "[^\n]" "" text "${text}")
    string(LENGTH "${text}" lines)
    math(EXPR sum "${sum} + ${lines}")
endforeach()
if(sum GREATER limit)
    message(SEND_ERROR "lib/loop has ${sum} lines, ${limit} at most")
endif()
