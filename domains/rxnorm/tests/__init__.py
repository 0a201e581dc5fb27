"""Tests of this dataset. Tests for all datasets are under ``tests/``."""
