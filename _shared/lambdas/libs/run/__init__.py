"""One run: whose attempt it is, what it decides, what it records."""
