"""The picture of a dashboard."""
