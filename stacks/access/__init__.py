"""Permissions of roles: on the lake, the catalog and executions."""
