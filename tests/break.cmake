# Runs PROGRAM ARGS and asserts how it ends: its exit status must be STATUS
# ("any but 0": nonzero; empty: 0), its output (both streams) must match the
# regular expression EXPECT, or be what the file EXACTLY holds, port numbers
# written PORT. PYTHON: PROGRAM is a Python, 3.11 at least.
if(PYTHON)
    execute_process(COMMAND ${PROGRAM} -c
        "import sys; sys.exit(sys.version_info < (3, 11))"
        RESULT_VARIABLE old)
    if(old)
        message("skipped: this Python is older than 3.11")
        return()
    endif()
endif()
execute_process(COMMAND ${PROGRAM} ${ARGS} RESULT_VARIABLE status
    OUTPUT_VARIABLE output ERROR_VARIABLE output TIMEOUT 55)
if("${STATUS}" STREQUAL "")
    set(STATUS 0)
endif()
if(STATUS STREQUAL "nonzero")
    if(status EQUAL 0)
        message(FATAL_ERROR "it did not fail:\n${output}")
    endif()
elseif(NOT status EQUAL STATUS)
    message(FATAL_ERROR "status ${status}, expected ${STATUS}:\n${output}")
endif()
if(EXACTLY)
    file(READ ${EXACTLY} expected)
    string(REGEX REPLACE "127.0.0.1:[0-9]+" "127.0.0.1:PORT" output
        "${output}")
    if(NOT output STREQUAL expected)
        message(FATAL_ERROR "expected:\n${expected}it says:\n${output}")
    endif()
elseif(NOT output MATCHES "${EXPECT}")
    message(FATAL_ERROR "expected to see \"${EXPECT}\" in:\n${output}")
endif()
