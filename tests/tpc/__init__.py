"""TPC-H and TPC-DS on the local Athena: 121 queries that others wrote, on generated data (``make tpc``).

DuckDB's extensions make the data and know the queries. They need a DuckDB of their own version, and therefore their own
Python environment; neither data nor texts are kept here.
"""
