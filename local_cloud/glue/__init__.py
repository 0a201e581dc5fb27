"""AWS Glue: jobs that run Spark, and crawlers that read S3."""
