"""Code that every dataset's pipeline shares: JSON contracts, Lambda libraries, Glue libraries."""
