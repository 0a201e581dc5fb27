"""From Athena's SQL to the engine's: reading, types, checks, functions, and what of each table is needed."""
