"""Configuration of a dataset that is published as releases: read, completed and validated."""
