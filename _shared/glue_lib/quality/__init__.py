"""Checks on what was written."""
