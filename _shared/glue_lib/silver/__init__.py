"""The Silver job: it builds typed tables and accounts for every bronze row."""
