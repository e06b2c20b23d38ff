#!/bin/sh
# step.sh - --step on a real demo: what a turn shows, and the three ways on.
#     step.sh BIN
set -eu
demo=$1/13_wait

fail() {
    echo "not ok: $1; it said:"
    echo "$said"
    exit 1
}

# In order, each after the one before.
in_order() {
    rest=$said
    for words in "$@"; do
        case $rest in
        *"$words"*) rest=${rest#*"$words"} ;;
        *) fail "expected \"$words\"" ;;
        esac
    done
}

# Before the turn, what it did, and before the next.
said=$(printf '\n\n\n\nq\n' | "$demo" --only first-exception --step)
in_order "before turn 1, at 0 s" "ready   ~origin, main" "timers  none" \
    "fds     none" "-- turn 1" "run     main" "task fetcher A created" \
    "main waits for a future" \
    "before turn 2, at 0 s" "ready   fetcher A, fetcher B, fetcher C" \
    "in (~origin)" "-- turn 2" "run     fetcher A" "waits for a timer" \
    "before turn 3, at 0 s" "ready   nothing" \
    "timers  1 s (fetcher A), 3 s (fetcher B), 5 s (fetcher C)" \
    "-- turn 3" "due at 1 s" \
    "before turn 4, at 1 s" "ready   fetcher A"
case $said in
*"before turn 6"*) fail "q is the end of stopping" ;;
*"Done task count"*) fail "q cancels main" ;;
esac

# c: all the rest, as without --step; and the same twice.
said=$(printf '\nc\n' | "$demo" --only first-exception --step)
in_order "before turn 2" "Done task count: 1" "finished main in 1.0000"
case $said in
*"before turn 3"*) fail "c is the end of stopping" ;;
esac
[ "$said" = "$(printf '\nc\n' | "$demo" --only first-exception --step)" ] \
    || fail "the same twice"

# The end of input is q, and no failure.
said=$("$demo" --only first-exception --step < /dev/null) || fail "status $?"
in_order "before turn 1"

# Every demo on lib/loop takes it; and a picture can still be drawn.
lessons=$(dirname "$0")/../../lessons
for room in "$lessons"/0[6-9]_* "$lessons"/1[0-9]_*; do
    other=$1/$(basename "$room")
    said=$("$other" --step < /dev/null 2>&1) || fail "$other: status $?"
    in_order "before turn 1"
done
said=$(echo c | LC_ALL=C "$demo" --only modes --step --timeline --quiet)
in_order "before turn 1" "fetcher A" "t timer fired"
echo "ok"
