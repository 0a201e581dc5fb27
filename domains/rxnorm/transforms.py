"""Transforms of the RxNorm silver tables."""

from __future__ import annotations

from _shared.glue_lib.silver.transform import SilverTransform
from domains.rxnorm import atoms, attributes, concepts, history, ndcs, references, relations

_SOURCES = ("rxnsab",)
"""RXNSAB contains the restriction level of each source."""

TRANSFORMS = (
    SilverTransform(
        "rxnorm_concept",
        ("rxnconso",),
        concepts.concepts,
        lookups=_SOURCES,
        rejection=concepts.rejection,
        expected=concepts.expected,
        additive=False,
    ),
    SilverTransform("rxnorm_atom", ("rxnconso",), atoms.atoms, lookups=_SOURCES, rejection=atoms.rejection),
    SilverTransform(
        "rxnorm_relation",
        ("rxnrel",),
        relations.relations,
        lookups=_SOURCES,
        rejection=relations.rejection,
        left_out=relations.left_out,
    ),
    SilverTransform(
        "rxnorm_attribute",
        ("rxnsat",),
        attributes.attributes,
        lookups=_SOURCES,
        rejection=attributes.rejection,
        left_out=attributes.left_out,
    ),
    SilverTransform(
        "rxnorm_ndc", ("rxnsat",), ndcs.ndcs, lookups=_SOURCES, rejection=ndcs.rejection, left_out=ndcs.left_out
    ),
    SilverTransform("rxnorm_source", ("rxnsab",), references.sources, rejection=references.source_rejection),
    SilverTransform(
        "rxnorm_semantic_type", ("rxnsty",), references.semantic_types, rejection=references.semantic_type_rejection
    ),
    SilverTransform(
        "rxnorm_documentation", ("rxndoc",), references.documentation, rejection=references.documentation_rejection
    ),
    SilverTransform(
        "rxnorm_concept_history", ("rxncui",), history.concept_history, rejection=history.history_rejection
    ),
    SilverTransform("rxnorm_concept_change", ("rxncuichanges",), history.concept_changes, lookups=_SOURCES),
    SilverTransform(
        "rxnorm_atom_archive",
        ("rxnatomarchive",),
        history.archived_atoms,
        lookups=_SOURCES,
        rejection=history.archive_rejection,
    ),
)
