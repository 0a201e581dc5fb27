"""The demo: its release, the server of the release, and the closing message."""
