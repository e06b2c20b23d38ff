# bash completion for lab:  source lessons/lab/completion.bash
#
# A test compares the lines "# COMMAND: OPTIONS" with lab's own --help (demo:
# with what most demos have), and they are what is completed.
#
# list: --color
# go: --color
# demo: --step --speed --only --timeline --svg --trace-json --stamps --quiet --poller --url --help
# predict: --color
# check: --all --with --mine --json --color
# watch: --color
# hint: --again --all --color
# diff: --anyway --color
# reset: --color
# grade: --json --gradescope --classroom50 --markdown --from --color
# doctor: --color
# help: --color

_lab_table=${BASH_SOURCE[0]}

_lab() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
    local command=${COMP_WORDS[1]} words=
    COMPREPLY=()
    case $before in
    --with | --from | --gradescope | --classroom50 | --markdown | --svg | \
        --trace-json)
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return ;;
    --color) words="auto always never" ;;
    --poller) words="select poll epoll" ;;
    help) words=$(sed -n 's/^# \([a-z]*\): --.*/\1/p' "$_lab_table") ;;
    *)
        if [ "$COMP_CWORD" -eq 1 ]; then
            words="$(sed -n 's/^# \([a-z]*\): --.*/\1/p' "$_lab_table") --help"
        elif [[ $word == -* ]]; then
            words="$(sed -n "s/^# $command: //p" "$_lab_table") --help"
        else
            words=$(lab list --color never 2> /dev/null | cut -c4-21 \
                | sed 's/^[0-9]* //; s/ *$//; s/ /_/g')
        fi ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _lab lab
