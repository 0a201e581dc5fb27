"""Who may talk to the local cloud: signed requests to its own address, and no web page."""
