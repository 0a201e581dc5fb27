"""Download files over HTTP: URLs, conditional requests, retries and limits."""
