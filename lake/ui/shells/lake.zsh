#compdef lake
_lake_completion() {
    local program=${(Q)words[1]/#\~/$HOME}
    eval "$(env _TYPER_COMPLETE_ARGS="${words[1,$CURRENT]}" _LAKE_COMPLETE=complete_zsh $program 2>/dev/null)"
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _lake_completion "$@"
else
    compdef _lake_completion lake
fi
