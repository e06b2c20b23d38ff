#!/bin/sh
# Prints what no file of words has, and 60 KB.
printf '{"lesson":"01_alpha","status":"not yet","step":2,"steps":3,"promise":"a \\"b\\" | c"}\n' > "$2"
printf 'bell \007 escape \033[31m delete \177 zero \000 tab \t bad \377\303( '
printf '\355\240\200 \340\200\200 '
printf 'good \303\251 \360\237\221\215 quote " slash \\ return \r\n%060000d\n' 0
echo "01 alpha - step 2 of 3 - not yet"
exit 1
