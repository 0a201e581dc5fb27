"""What the Lambda functions are made of: adapters to S3, Glue, Step Functions and HTTP, and the logic between them."""
