"""Entry points of the CDER jobs."""
