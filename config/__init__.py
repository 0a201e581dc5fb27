"""Configuration of environments and datasets, validated before synthesis."""
