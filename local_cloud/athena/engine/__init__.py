"""Running a translated query: local copies of the objects, views over them, the sandbox, the result."""
