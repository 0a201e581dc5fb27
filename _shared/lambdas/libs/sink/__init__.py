"""Publish to the Glue Data Catalog."""
