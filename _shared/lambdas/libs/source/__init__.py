"""Probe sources for changes, and fetch them into raw."""
