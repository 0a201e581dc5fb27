"""The demo: the release that it runs on, the server that hands it out, and what it says at its end."""
