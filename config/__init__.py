"""Environments and datasets, validated before anything is synthesized."""
