"""The lock files of all parts, and the check of them."""
