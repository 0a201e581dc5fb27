"""Entry points of the RxNorm jobs."""
