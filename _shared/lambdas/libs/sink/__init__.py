"""Where publications become visible to readers."""
