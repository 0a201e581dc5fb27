"""Small releases, and how they were made."""
