"""Adapters to AWS APIs. No other modules of the command line call AWS."""
