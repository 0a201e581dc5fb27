"""Small inputs that the demo runs on, and the server that hands them out."""
