"""The local Athena against Trino: the same queries on the same catalog and objects must have the same answers.

``make compat`` runs it. It is not part of ``make test``: Trino is a download of 965 MB.
"""
