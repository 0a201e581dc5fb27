"""What a run decides and records."""
