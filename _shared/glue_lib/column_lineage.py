"""Which bronze columns each column of a silver table is computed from, read off Spark's plan of the table.

A transform does not declare its lineage, so that it cannot be wrong about it. A column counts as a source if the value
depends on it, or the choice of the value; conditions of filters and joins do not count.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from py4j.protocol import Py4JError  # type: ignore[import-untyped]
from pyspark.sql import DataFrame

from _shared.contracts.lineage import PREFIX

_LOGGER = logging.getLogger(__name__)

Document = dict[str, Any]
Sources = dict[str, tuple[str, ...]]

_PARQUET = "LogicalRelation"
_LISTED = {
    "Project": "projectList",
    "Aggregate": "aggregateExpressions",
    "LogicalRelation": "output",
    "LocalRelation": "output",
    "LogicalRDD": "output",
}
"""Nodes that list their output columns, and where."""

_ADDED = {"Window": "windowExpressions", "Generate": "generatorOutput"}
"""Nodes that add columns to those of their child, and where they list them."""

_PASSING = frozenset(
    {"Union", "Filter", "ResolvedHint", "Sort", "Distinct", "Deduplicate", "SubqueryAlias", "Repartition"}
)
"""Nodes with the columns of their first child."""

_KNOWN = frozenset({"Join", *_LISTED, *_ADDED, *_PASSING})
_LEFT_ONLY = frozenset({"LeftSemi", "LeftAnti"})


class UnknownPlanError(Exception):
    """The plan has a node whose output columns are not known."""


def column_sources(frame: DataFrame, tables: dict[str, str]) -> Sources:
    """Return the sources of each column, as ``table.column``; none at all if Spark's plan is not understood.

    A table whose lineage is unknown is better than none, so this does not fail the job.

    Parameters
    ----------
    frame
        The complete silver table, before it is written.
    tables
        Names of the bronze tables by the path of their files.
    """
    try:
        plan = frame._jdf.queryExecution().analyzed()  # noqa: SLF001 - Spark has no public way to its plan
        leaves = plan.collectLeaves()
        read = [_table(leaves.apply(number), tables) for number in range(leaves.size())]
        return trace(json.loads(plan.toJSON()), read)
    except (UnknownPlanError, Py4JError, LookupError, RecursionError, TypeError, ValueError):
        _LOGGER.exception("the lineage of the columns is not known")
        return {}


def _table(leaf: Any, tables: dict[str, str]) -> str | None:  # noqa: ANN401 - an object of the JVM
    if leaf.nodeName().partition(" ")[0] != _PARQUET:
        return None
    paths = leaf.relation().location().rootPaths()
    place = paths.mkString(" ").rstrip("/")
    return next((name for path, name in tables.items() if place.endswith(path.rstrip("/").rpartition("://")[2])), None)


def trace(nodes: Sequence[Document], tables: Sequence[str | None]) -> Sources:
    """Return the sources of each column of a plan's output, except the lineage columns.

    Parameters
    ----------
    nodes
        The plan as ``TreeNode.toJSON`` of Spark writes it: all nodes, each before its children.
    tables
        The bronze table that each leaf reads, ``None`` for one that reads no bronze table; in the plan's order.

    Raises
    ------
    UnknownPlanError
        The plan has a node whose output columns are not known.
    """
    root = _tree(iter(nodes))
    plan = _Plan()
    for node, table in zip((node for node in root.all() if not node.children), tables, strict=True):
        plan.add_leaf(node, table)
    for node in root.all():
        plan.add(node)
    return {
        attribute["name"]: plan.sources(_id(attribute))
        for attribute in _output(root)
        if not attribute["name"].startswith(PREFIX)
    }


@dataclass
class _Node:
    """A node of a plan: its kind, its fields, and the nodes whose rows it takes."""

    kind: str
    fields: Document
    children: list[_Node]

    def all(self) -> Iterator[_Node]:
        yield self
        for child in self.children:
            yield from child.all()


def _tree(nodes: Iterator[Document]) -> _Node:
    fields = next(nodes)
    return _Node(_kind(fields), fields, [_tree(nodes) for _ in range(fields["num-children"])])


def _kind(document: Document) -> str:
    return str(document["class"]).rpartition(".")[2]


def _id(expression: Document) -> int:
    return int(expression["exprId"]["id"])


def _output(node: _Node) -> list[Document]:
    """Return the attributes or aliases of a node's output, in order."""
    if node.kind in _LISTED:
        return _heads(node.fields[_LISTED[node.kind]])
    if node.kind == "Join":
        kind = str(node.fields["joinType"].get("object", "")).rpartition(".")[2].rstrip("$")
        return [one for child in node.children[: 1 if kind in _LEFT_ONLY else 2] for one in _output(child)]
    if node.kind not in _PASSING and node.kind not in _ADDED:
        raise UnknownPlanError(node.kind)
    added = node.fields[_ADDED[node.kind]] if node.kind in _ADDED else ()
    return [*_output(node.children[0]), *_heads(added)]


def _heads(expressions: Sequence[Sequence[Document]]) -> list[Document]:
    return [expression[0] for expression in expressions]


@dataclass
class _Plan:
    """What each expression of a plan is computed from, by the ids that Spark gives expressions."""

    columns: dict[int, str] = field(default_factory=dict)
    references: dict[int, set[int]] = field(default_factory=dict)

    def add_leaf(self, node: _Node, table: str | None) -> None:
        for attribute in _output(node):
            if table is not None and not attribute["name"].startswith(PREFIX):
                self.columns[_id(attribute)] = f"{table}.{attribute['name']}"

    def add(self, node: _Node) -> None:
        if node.kind not in _KNOWN:
            raise UnknownPlanError(node.kind)
        for expression in _expressions(node.fields):
            if _kind(expression[0]) == "Alias":
                self._refer(_id(expression[0]), _references(expression))
        if node.kind == "Generate":
            used = {found for expression in _expressions(node.fields["generator"]) for found in _references(expression)}
            for attribute in _heads(node.fields["generatorOutput"]):
                self._refer(_id(attribute), used)
        if node.kind == "Union":
            first, *others = (_output(child) for child in node.children)
            for other in others:
                for attribute, same in zip(first, other, strict=True):
                    self._refer(_id(attribute), {_id(same)})

    def _refer(self, expression: int, used: set[int]) -> None:
        self.references.setdefault(expression, set()).update(used - {expression})

    def sources(self, expression: int) -> tuple[str, ...]:
        @cache
        def reached(one: int) -> frozenset[str]:
            own = frozenset({self.columns[one]} if one in self.columns else ())
            return own.union(*(reached(other) for other in self.references.get(one, ())))

        return tuple(sorted(reached(expression)))


def _expressions(value: object) -> Iterator[list[Document]]:
    """Yield the expressions among a node's fields. Each is a list of an expression tree's nodes, the root first."""
    if isinstance(value, dict):
        for one in value.values():
            yield from _expressions(one)
    elif isinstance(value, list) and value and isinstance(value[0], dict) and "num-children" in value[0]:
        yield value
        for one in value:
            yield from _expressions(one)
    elif isinstance(value, list):
        for one in value:
            yield from _expressions(one)


def _references(expression: Sequence[Document]) -> set[int]:
    return {_id(one) for one in expression if _kind(one) == "AttributeReference"}
