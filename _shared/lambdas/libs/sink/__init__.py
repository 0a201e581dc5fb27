"""Where a publication goes: the Glue Data Catalog."""
