#!/bin/sh
# parts.sh - a demo of several parts says which one runs.
#     parts.sh BIN
set -eu

fail() {
    echo "not ok: $*"
    exit 1
}

for room in "$(dirname "$0")"/../../lessons/[01]*; do
    demo=$1/$(basename "$room")
    parts=$("$demo" --help | sed -n '/^  --only/,/^  --[^o]/ {
        s/^  --only *PART//p
        s/^ \{26\}//p
    }' | tr -d , | sed 's/ or / /')
    parts=$(echo $parts)
    [ -n "$parts" ] || continue
    # All that run by themselves, each once, in the order of --help.
    said=$("$demo" --speed max | sed -n 's/^== //p')
    rest=" $parts "
    for part in $said; do
        case $rest in
        *" $part "*) rest=" ${rest#*" $part "}" ;;
        *) fail "$demo: == $part, but --only has $parts" ;;
        esac
    done
    [ "$(echo "$said" | wc -l)" -gt 1 ] || fail "$demo: says only \"$said\""
    # Nobody asks which it is who has asked for one, or for less.
    first=${parts%% *}
    "$demo" --speed max --only "$first" | grep '^== ' \
        && fail "$demo --only $first: which part?"
    "$demo" --speed max --quiet | grep '^== ' && fail "$demo: --quiet"
    said=$("$demo" --only "${first}x" 2>&1) && fail "$demo: no part ${first}x"
    case $said in
    *": ${first}x: no such part; do you mean $first? (see --help)") ;;
    *) fail "$demo --only ${first}x: $said" ;;
    esac
done
echo "ok"
