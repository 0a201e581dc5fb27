"""The state directory: its keys, its encryption, and when it is saved."""
