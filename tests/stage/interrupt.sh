#!/usr/bin/env bash
# Ctrl-C in the middle of a demo: one line, status 130, nothing else.
#     interrupt.sh BIN DEMO
# The bug it catches: tasks that nobody waits for any more fail on what their
# parent has closed, and are reported one by one.
set -u
out=$(mktemp)
err=$(mktemp)
trap 'rm -f "$out" "$err"' EXIT
"$1/$2" --speed 0.2 > "$out" 2> "$err" & # slow: it is still there
demo=$!
for _ in $(seq 600); do # half a minute at most, until it has begun
    [ -s "$out" ] && break
    sleep 0.05
done
kill -INT $demo
wait $demo
status=$?
if [ $status -ne 130 ] || [ "$(cat "$err")" != "$2: interrupted" ]; then
    echo "$2: status $status, not 130, or more than one line:"
    cat "$err"
    exit 1
fi
