"""The ``lake`` command line: everything a user does with the data lake, on AWS and on a laptop alike."""
