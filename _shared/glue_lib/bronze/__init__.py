"""The Bronze job and what only it uses: from a file's bytes to rows of text."""
