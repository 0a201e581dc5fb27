"""One run of a pipeline, as a person follows it: start, steps, report."""
