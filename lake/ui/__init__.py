"""The user interface: output, tables, progress, completion, and the end of a command."""
