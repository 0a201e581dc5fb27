"""Columns of any dataset: text and dates."""
