"""Adapters to AWS APIs: the only modules of the command line that talk to a cloud."""
