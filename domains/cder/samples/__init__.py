"""Small sample releases, and the code that created them."""
