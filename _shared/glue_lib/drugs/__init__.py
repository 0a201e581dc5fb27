"""Columns that drug datasets share: drug codes and application numbers."""
