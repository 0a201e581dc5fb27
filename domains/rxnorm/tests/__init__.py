"""Tests of this dataset alone; what all datasets have in common is under ``tests/``."""
