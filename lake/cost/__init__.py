"""What a dataset costs on AWS: list prices, usage of a run and of a month, and the bill. Nothing here talks to AWS."""
