"""CDER NDC Directory: finished, excluded and unfinished drugs, from text to typed tables."""
