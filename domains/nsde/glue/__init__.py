"""Entry points of the NSDE jobs."""
