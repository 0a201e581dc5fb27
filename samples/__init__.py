"""The server that hands out releases: the samples of the datasets, or whole ones."""
