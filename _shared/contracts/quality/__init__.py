"""What is expected of tables, what was seen, and the results."""
