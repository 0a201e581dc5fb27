"""Lambda functions: error names, credentials, and dead letters of asynchronous invocations."""
