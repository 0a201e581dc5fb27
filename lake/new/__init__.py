"""``lake new``: generate the folder of a dataset from an example file."""
