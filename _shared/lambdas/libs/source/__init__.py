"""Where a dataset's files come from: probe a source, fetch it, and lay its raw files out in the lake."""
