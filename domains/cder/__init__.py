"""CDER NDC Directory: products and packages of finished, excluded and unfinished drugs."""
