"""Every JSON document that one part of the platform writes and another reads.

Frozen dataclasses, plain Python only: the same definitions are validated by pydantic where
configuration is authored and decoded by :mod:`_shared.contracts.codec` inside Lambdas and Glue jobs.
"""
