"""Checks of what this machine needs to run the lake, one module for each kind of check."""
