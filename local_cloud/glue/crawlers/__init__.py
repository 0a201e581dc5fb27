"""Glue crawlers: reading the files under their targets, and writing tables and partitions to the catalog."""
