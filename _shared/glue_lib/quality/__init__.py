"""Quality checks on written tables."""
