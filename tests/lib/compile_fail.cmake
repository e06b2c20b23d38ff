# Compiles FILE with the lab's own flags and -Werror. It must fail with the
# words that its first comment promises for this compiler (" * GNU: words");
# a file that promises none must compile.
#     cmake -DCOMPILER=cc -DID=GNU -DFLAGS=a|b -DFILE=x.c -P compile_fail.cmake
string(REPLACE "|" ";" flags "${FLAGS}")
file(STRINGS ${FILE} promise REGEX "^ \\* ${ID}: ")
string(REGEX REPLACE "^ \\* ${ID}: " "" promise "${promise}")
string(REGEX REPLACE " \\*/$" "" promise "${promise}")
execute_process(
    COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C
        ${COMPILER} ${flags} -Werror -fsyntax-only ${FILE}
    RESULT_VARIABLE result ERROR_VARIABLE words OUTPUT_QUIET)
string(FIND "${words}" "${promise}" at)
if(promise STREQUAL "" AND NOT result EQUAL 0)
    message(FATAL_ERROR "it should compile:\n${words}")
elseif(NOT promise STREQUAL "" AND result EQUAL 0)
    message(FATAL_ERROR "it compiles; expected: ${promise}")
elseif(at EQUAL -1)
    message(FATAL_ERROR "expected: ${promise}\ngot: ${words}")
endif()
