"""Benchmarks, run by hand; CI runs a smoke test of them."""
