"""A run of a pipeline from the user's view: start, steps, report."""
