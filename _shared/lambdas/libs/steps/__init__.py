"""What each function does; the functions themselves are shims."""
