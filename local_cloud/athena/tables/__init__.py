"""What the Glue catalog declares: tables, their types, and views."""
