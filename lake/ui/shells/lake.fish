function __lake_completion
    set --local words (commandline --cut-at-cursor --tokenize --current-process)
    set --local program (string replace --regex '^~' $HOME -- $words[1])
    env _LAKE_COMPLETE=complete_fish _TYPER_COMPLETE_FISH_ACTION=$argv[1] \
        _TYPER_COMPLETE_ARGS=(commandline --cut-at-cursor | string collect) $program 2>/dev/null
end
complete --command lake --no-files --condition "__lake_completion is-args" --arguments "(__lake_completion get-args)"
