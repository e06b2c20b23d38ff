#compdef lab
# zsh completion for lab:  source lessons/lab/completion.zsh
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

_lab_table=${${(%):-%x}:A}

_lab() {
    local -a table lessons
    table=("${(@f)$(sed -n 's/^# \([a-z]*: --.*\)/\1/p' $_lab_table)}")
    case $words[CURRENT-1] in
    --with | --from | --gradescope | --classroom50 | --markdown | --svg | \
        --trace-json)
        _files; return ;;
    --color) compadd auto always never; return ;;
    --poller) compadd select poll epoll; return ;;
    help) compadd -- ${table%%:*}; return ;;
    esac
    if (( CURRENT == 2 )); then
        compadd -- ${table%%:*} --help
    elif [[ $words[CURRENT] == -* ]]; then
        compadd -- ${=${(M)table:#$words[2]:*}#*:} --help
    else
        lessons=(${(f)"$(lab list --color never 2> /dev/null | cut -c4-21 \
            | sed 's/^[0-9]* //; s/ *$//; s/ /_/g')"})
        compadd -- $lessons
    fi
}
(( $+functions[compdef] )) && compdef _lab lab
