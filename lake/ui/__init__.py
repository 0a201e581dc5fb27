"""What people see and type: output, tables, progress, completion, and how a command ends."""
