"""What roles may do: permissions on the lake, the catalog and executions."""
