"""Lineage of a run in the vocabulary of OpenLineage: https://openlineage.io/docs/spec/object-model."""
