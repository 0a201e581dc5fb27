"""The datasets: a folder each, all of one shape."""
