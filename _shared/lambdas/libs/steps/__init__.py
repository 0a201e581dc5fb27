"""Logic of the Lambda functions. The entry points only call it."""
