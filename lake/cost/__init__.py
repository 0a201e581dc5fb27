"""The cost of a dataset on AWS: list prices, usage per run and month, and the bill. Pure functions, no AWS calls."""
