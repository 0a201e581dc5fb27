"""Lambda functions: names of their errors, their credentials, and events that fail for good."""
