
# `cargo xtask …` completes like `xtask …`; everything else of cargo as before.
_xtask_of_cargo() {
    if [[ $COMP_CWORD -ge 2 && ${COMP_WORDS[1]} == xtask ]]; then
        COMP_WORDS=("${COMP_WORDS[@]:1}")
        COMP_CWORD=$((COMP_CWORD - 1))
        _xtask xtask "$2" "$3"
    elif [[ -n $_xtask_cargo ]]; then
        "$_xtask_cargo" "$@"
    fi
}
# Completions of cargo may be loaded only when they are first wanted.
if ! complete -p cargo &> /dev/null; then
    if declare -F _comp_load > /dev/null; then
        _comp_load cargo
    elif declare -F _completion_loader > /dev/null; then
        _completion_loader cargo
    fi
fi
if [[ $(complete -p cargo 2> /dev/null) =~ -F\ ([^ ]+) && ${BASH_REMATCH[1]} != _xtask_of_cargo ]]; then
    _xtask_cargo=${BASH_REMATCH[1]}
fi
complete -F _xtask_of_cargo -o bashdefault -o default cargo
