"""A server for releases: the samples of the datasets, or whole releases."""
