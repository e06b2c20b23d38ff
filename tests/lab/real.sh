#!/bin/sh
# real.sh - check, --with and --mine with a compiler and a linker.
#     real.sh LAB CMAKE GENERATOR SOURCE WITH_CMAKE
set -eu
lab=$1
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cp -R "$4/." "$root"
"$2" -S "$root" -B "$root/build" -G "$3" -DWITH="$5" > "$root/log" \
    || { cat "$root/log"; exit 1; }
LAB_ROOT=$root LAB_BUILD=$root/build
export LAB_ROOT LAB_BUILD
cd "$root"
mkdir mine

expect() { # STATUS WORDS COMMAND...
    status=$1 words=$2 got=0
    shift 2
    said=$("$@" 2>&1) || got=$?
    case $said in
    *"$words"*) [ $got -eq "$status" ] && return ;;
    esac
    echo "not ok: $*: expected $status \"$words\", got $got \"$said\""
    exit 1
}

expect 1 "one is 1, two is 20" "$lab" check two
expect 0 "one is 1, two is 2" "$lab" check two --with lessons/02_two/two.c
# Another file in the same place, and one that includes what lies beside it.
echo '#define TWO 3' > mine/number.h
printf '#include "number.h"\nint two(void);\nint two(void)\n{\n    return TWO;\n}\n' \
    > mine/my_two.c
expect 1 "one is 1, two is 3" "$lab" check two --with mine/my_two.c
echo '#define TWO 2' > mine/number.h
expect 0 "one is 1, two is 2" "$lab" check two --with mine/my_two.c
expect 1 "one is 10, two is 20" "$lab" check two --mine one
expect 0 "one is 10, two is 2" "$lab" check two --mine one --with mine/my_two.c
# An exercise that changes is linked again, and the default stays what it was.
expect 1 "one is 10, two is 20" "$lab" check two --mine one
sed -i.old 's/10/7/' lessons/01_one/exercise.c
expect 1 "one is 7, two is 20" "$lab" check two --mine one
expect 0 "one is 1, two is 2" "$lab" check two --with mine/my_two.c
expect 1 "one is 1, two is 20" "$lab" check two
# So is a library that changed, though only an exercise was asked for; and an
# exercise that changed after it.
sleep 0.1
sed -i.old 's/1;/5;/' lessons/01_one/one.c
expect 1 "one is 5, two is 20" "$lab" check two
sed -i.old 's/20/21/' lessons/02_two/exercise.c
expect 1 "one is 5, two is 21" "$lab" check two
sed -i.old 's/21/20/' lessons/02_two/exercise.c
sed -i.old 's/5;/1;/' lessons/01_one/one.c
expect 1 "one is 1, two is 20" "$lab" check two
# And all of it where it was configured anew since.
sed -i.old 's/1;/ONE;/' lessons/01_one/one.c
for one in 1 7 1; do
    sleep 0.1
    "$2" "$root/build" -DCMAKE_C_FLAGS=-DONE=$one > "$root/log"
    expect 1 "one is $one, two is 20" "$lab" check two
done
# The compiler names the learner's file, and nothing of the way it got there.
echo 'int x = ;' > mine/my_two.c
expect 1 "$root/mine/my_two.c:1:9: error: " "$lab" check two --with mine/my_two.c
expect 1 "does not compile yet" "$lab" check two --with mine/my_two.c
case $said in
*"/with/"*) echo "not ok: it names our own file: $said"; exit 1 ;;
esac
printf '#define AWAIT(a) int b = a;\nAWAIT(none)\n' > mine/my_two.c
expect 1 "06_await/macros.md" "$lab" check two --with mine/my_two.c
# Two at once: one waits for the other, and both are right.
"$lab" check two --with lessons/02_two/two.c > first 2>&1 &
other=$!
expect 1 "one is 1, two is 20" "$lab" check two --with lessons/02_two/exercise.c
wait $other
grep -q "two is 2$" first || { echo "not ok: at once:"; cat first; exit 1; }
echo "ok"
