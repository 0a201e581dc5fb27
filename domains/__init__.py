"""The datasets. Each has its own folder; all folders have the same structure."""
