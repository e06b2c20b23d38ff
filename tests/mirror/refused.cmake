# A file that is no scenario: exit status 2 and one line that says where.
#     cmake -DSCENARIO=PROGRAM -DDIR=SCRATCH -P refused.cmake
# Texts are separated by ";", their lines by "|".
set(texts
    "# nothing" "task 1|sleep 1" "sleep 1|task 0" "task 0|task 0"
    "fut 1|task 0|task 1" "task 100|task 0" "task x" "task 0 1"
    "task 0|finally|finally" "task 0|finally|return 1"
    "task 0|sleep" "task 0|sleep x" "task 0|sleep 1.5" "task 0|sleep +5"
    "task 0|sleep 1 2" "task 0|sleep 99999999999999999999"
    "task 0|await 7" "task 0|gather" "task 0|gather 1,2|task 1|task 2"
    "task 0|wait some - 1|task 1" "task 0|wait all 1|task 1"
    "task 0|wait_for - 1|task 1" "task 0|ascomp -" "task 0|within 5"
    "task 0|within - sleep 1" "task 0|try return 1"
    "task 0|group 1 do|task 1" "task 0|group 1 do return 1|task 1"
    "task 0|let 5 shield 1 2|task 1|task 2" "task 0|let 1 gather 1|task 1"
    "task 0|let 5 wait 1|task 1" "task 0|set 1 1|task 1"
    "task 0|spawn 5|fut 5" "task 0|log a b" "task 0|Sleep 1"
)
set(file ${DIR}/refused.scn)
foreach(text ${texts})
    string(REPLACE "|" "\n" lines "${text}")
    file(WRITE ${file} "${lines}\n")
    execute_process(COMMAND ${SCENARIO} ${file} RESULT_VARIABLE status
        OUTPUT_VARIABLE out ERROR_VARIABLE words)
    if(NOT status EQUAL 2 OR NOT out STREQUAL ""
            OR NOT words MATCHES "^[^\n]*refused.scn:[0-9]+: [^\n]+\n$")
        message(SEND_ERROR "${text}: status ${status}, \"${out}${words}\"")
    endif()
endforeach()
# The line that is wrong, not the last one; and a file that is not there.
file(WRITE ${file} "task 0\nawait 7\nsleep 1\n")
execute_process(COMMAND ${SCENARIO} ${file} ERROR_VARIABLE words)
if(NOT words MATCHES "scn:2: id 7 is not defined")
    message(SEND_ERROR "another line: ${words}")
endif()
execute_process(COMMAND ${SCENARIO} ${DIR}/nowhere.scn RESULT_VARIABLE status
    ERROR_VARIABLE words)
if(NOT status EQUAL 2 OR NOT words MATCHES "^[^\n]*nowhere.scn[^\n]*\n$")
    message(SEND_ERROR "no file: status ${status}, \"${words}\"")
endif()
# The farthest times there are.
file(WRITE ${file} "task 0\nsleep -9223372036854775808\n"
    "within 9223372036854775807 sleep 1\nsleep 9223372036854775807\n")
execute_process(COMMAND ${SCENARIO} ${file} RESULT_VARIABLE status
    OUTPUT_VARIABLE out ERROR_VARIABLE words)
if(NOT status EQUAL 0 OR NOT out MATCHES "1 0 within ok\n" OR NOT out MATCHES
        "final ok 0\n$")
    message(SEND_ERROR "far: status ${status}, \"${out}${words}\"")
endif()
