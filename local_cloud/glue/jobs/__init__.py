"""Glue jobs: each run is a separate Spark process that acts as the job's role."""
