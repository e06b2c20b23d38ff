#!/bin/sh
# completion.sh - what the shells complete: the options of demos, which lab
# passes on unseen, and both files in their shells, where those are there.
#     completion.sh BIN FOLDER
set -eu
bin=$1 folder=$2

fail() {
    echo "not ok: $*"
    exit 1
}

# Most demos' options are in the line; and no other than some demo's.
count=0
all=
for page in "$folder"/../[0-9]*/README.md; do
    lesson=$(basename "$(dirname "$page")")
    all="$all $("$bin/$lesson" --help | sed -n 's/^  \(--[a-z-]*\) .*/\1/p')"
    count=$((count + 1))
done
for file in "$folder/completion.bash" "$folder/completion.zsh"; do
    line=$(sed -n 's/^# demo: //p' "$file")
    for option in $(printf '%s\n' $all | sort -u); do
        have=$(printf '%s\n' $all | grep -cx -e "$option")
        case " $line " in
        *" $option "*) ;;
        *) [ $((have * 2)) -lt "$count" ] \
            || fail "$file: demo lacks $option, which $have demos have" ;;
        esac
    done
    for option in $line; do
        printf '%s\n' $all | grep -qx -e "$option" \
            || fail "$file: no demo has $option"
    done
done

# What they say to "lab ch", "lab check --w", "lab help d", ...
cases='lab ch=check
lab check --w=--with
lab help d=demo diff doctor
lab grade --m=--markdown
lab list --color n=never
lab demo 11_gather --tr=--trace-json
lab demo 11_gather --poller s=select'

say_bash() {
    PATH=$bin:$PATH bash -c 'source "$1"
        COMP_WORDS=($2) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _lab; printf "%s\n" "${COMPREPLY[@]}"' - "$folder/completion.bash" "$1"
}
say_zsh() { # compadd, as far as it matters: the words that begin so
    PATH=$bin:$PATH zsh -fc 'compadd() {
            [[ $1 == -- ]] && shift
            print -l -- ${(M)@:#${words[CURRENT]}*}
        }
        source "$1"; words=(${=2}); CURRENT=${#words}; _lab' - \
        "$folder/completion.zsh" "$1"
}
for shell in bash zsh; do
    if ! command -v $shell > /dev/null; then
        echo "without $shell"
        continue
    fi
    echo "$cases" | while IFS='=' read -r line words; do
        said=$(say_$shell "$line" | sort | tr '\n' ' ')
        want=$(printf '%s\n' $words | sort | tr '\n' ' ')
        [ "$said" = "$want" ] \
            || fail "$shell: \"$line\" gives \"$said\", not \"$want\""
    done
done
echo "ok"
