"""Column functions for drug datasets: drug codes and application numbers."""
