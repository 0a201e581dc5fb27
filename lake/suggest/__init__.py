"""Propose the expectations of a table from what it holds."""
