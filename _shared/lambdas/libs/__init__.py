"""Library of the Lambda functions: adapters to AWS services and HTTP, and the logic of the steps."""
