"""From a published table back to the files that it was made of."""
