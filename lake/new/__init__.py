"""``lake new``: the folder of a dataset, made from a file of it."""
