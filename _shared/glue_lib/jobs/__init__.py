"""Entry points of the Glue jobs."""
