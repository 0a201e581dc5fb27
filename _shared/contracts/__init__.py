"""Every JSON document that one part of the platform writes and another reads.

The contracts are frozen dataclasses in plain Python. Pydantic validates them when configuration is
loaded for deployment; :mod:`_shared.contracts.codec` decodes them inside Lambdas and Glue jobs.
"""
