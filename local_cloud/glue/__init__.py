"""AWS Glue that works: jobs that run and crawlers that crawl."""
