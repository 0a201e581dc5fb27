"""Adapters to AWS: the only modules of the functions that talk to it, beside s3_io."""
