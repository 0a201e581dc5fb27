"""Glue crawlers: what lies under their targets, and what they write into the catalog."""
