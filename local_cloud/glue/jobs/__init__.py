"""Glue jobs: each run a Spark process of its own, under the job's role."""
