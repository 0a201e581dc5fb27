"""Access control of the local cloud: signed requests to its own address are accepted, web pages are refused."""
