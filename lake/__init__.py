"""The ``lake`` command line: the user's tool for the data lake, on AWS and on a laptop."""
