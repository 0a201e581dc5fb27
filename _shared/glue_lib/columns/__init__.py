"""Column functions for any dataset: text and dates."""
