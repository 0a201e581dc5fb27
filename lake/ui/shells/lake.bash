_lake_completion() {
    local IFS=$'\n'
    COMPREPLY=($(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD="$COMP_CWORD" _LAKE_COMPLETE=complete_bash "${1/#\~/$HOME}" 2>/dev/null))
}
complete -o default -F _lake_completion lake
