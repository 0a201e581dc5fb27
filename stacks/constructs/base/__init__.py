"""What all datasets share: key, bucket, catalog, workgroup, alerts."""
