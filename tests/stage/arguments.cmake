# A demo that is called wrongly says so in one line on standard error, prints
# nothing else, and ends with 2 before it has begun.
#     cmake -DBIN=build/bin -P arguments.cmake
set(common "--speed 0|--speed -1|--speed nan|--speed 1e400|--speed 2x|--speed"
    "--poller kqueue|--svg /nowhere/x.svg|--trace-json /nowhere/x.json"
    "--quiet=1|--bogus|word")
set(urls "--url ftp://x/|--url http://|--url http://127.0.0.1:99999/"
    "--url http://127.0.0.1:1x/|--url")
set(numbers "--limit x|--limit -5|--limit 9999999")

set(06_await "--only nothing|--only or")
set(07_accept "--ending nothing|--port x|--port 70000")
set(08_get "--only nothing|${urls}")
set(09_session "--only nothing|${urls}|${numbers}")
set(10_timeout "--only nothing|${urls}")
set(11_gather "--only nothing|${urls}|${numbers}|--count 99999999999999999999")
set(12_as_completed "--only nothing|${urls}")
set(13_wait "--only nothing|${urls}")
set(14_task_group "--only nothing|${urls}")
set(15_resolve "--only nothing|${urls}")
set(17_https "--only nothing|${urls}|--ca")

set(18_fetchall "--limit 0|--limit 10001|--timeout 0|--timeout 5s|--total x"
    "--from /nowhere/list|--output /dev/null|${urls}|${numbers}")
string(REPLACE ";" "|" 18_fetchall "${18_fetchall}")

foreach(demo 06_await 07_accept 08_get 09_session 10_timeout 11_gather
        12_as_completed 13_wait 14_task_group 15_resolve 17_https 18_fetchall)
    string(REPLACE "|" ";" cases "${common}|${${demo}}")
    if(demo MATCHES "^18")
        list(REMOVE_ITEM cases word) # it takes words: URLs
    endif()
    foreach(case ${cases})
        separate_arguments(words UNIX_COMMAND "${case}")
        execute_process(COMMAND ${BIN}/${demo} ${words} TIMEOUT 30
            RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE err)
        if(NOT status EQUAL 2 OR NOT out STREQUAL ""
           OR NOT err MATCHES "^[^\n]+\n$")
            message(SEND_ERROR "${demo} ${case}: status ${status}, "
                "stdout \"${out}\", stderr \"${err}\"")
        endif()
    endforeach()
endforeach()
