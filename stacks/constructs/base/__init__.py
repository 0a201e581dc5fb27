"""Constructs of the Base stack: key, bucket, catalog, workgroup, alerts."""
