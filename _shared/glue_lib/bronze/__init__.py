"""The Bronze job: it reads source files into rows of text."""
