"""What a dataset declares against what its transforms make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyspark.sql import DataFrame

from _shared.contracts.dataset import DatasetConfig, SilverTable
from _shared.contracts.messages import listed
from _shared.glue_lib.errors import SchemaMismatchError
from _shared.glue_lib.repeats import ORIGIN
from _shared.glue_lib.silver_transform import SilverTransform


def check_declarations(config: DatasetConfig, transforms: Sequence[SilverTransform]) -> None:
    """Check that what is declared is also done.

    Raises
    ------
    SchemaMismatchError
        A silver table has no transform or a transform no table; a transform reads a table that no member makes, or
        several and its rows would not tell which; or a required column is in no table, so that its check would
        never be evaluated.
    """
    mistakes = [*_table_mistakes(config, transforms), *_source_mistakes(config, transforms)]
    columns = {column.name for table in config.silver_tables for column in table.columns}
    mistakes += [
        f"required column {name} is in no silver table"
        for name in config.data_quality.required_columns
        if name not in columns
    ]
    if mistakes:
        remedy = f"correct domains/{config.dataset}/config/dataset.json or domains/{config.dataset}/transforms.py"
        what = f"{config.dataset}: {listed(mistakes, separator='; ')}"
        raise SchemaMismatchError(what, remedy)


def _table_mistakes(config: DatasetConfig, transforms: Sequence[SilverTransform]) -> Iterator[str]:
    declared = [table.name for table in config.silver_tables]
    made = [transform.table for transform in transforms]
    yield from (f"silver table {name} has no transform" for name in declared if name not in made)
    yield from (f"a transform makes {name}, which is not declared" for name in made if name not in declared)


def _source_mistakes(config: DatasetConfig, transforms: Sequence[SilverTransform]) -> Iterator[str]:
    members = {member.table for member in config.members}
    columns = {table.name: {column.name for column in table.columns} for table in config.silver_tables}
    for transform in transforms:
        if not transform.sources:
            yield f"the transform of {transform.table} reads nothing"
        for name in (*transform.sources, *transform.lookups):
            if name not in members:
                yield f"the transform of {transform.table} reads {name}, which no member makes"
        for name in ORIGIN if len(transform.sources) > 1 else ():
            if name not in columns.get(transform.table, ORIGIN):
                yield f"{transform.table} is made of several files and does not tell them apart: it lacks {name}"


def conform(frame: DataFrame, table: SilverTable) -> DataFrame:
    """Put a transform's output into the declared column order.

    Raises
    ------
    SchemaMismatchError
        A declared column is missing or has another type, or there is a column that is not declared.
    """
    actual = dict(frame.dtypes)
    declared = {column.name: column.type for column in table.columns}
    mistakes = [f"{name} is missing" for name in declared if name not in actual]
    mistakes += [f"{name} is not declared" for name in actual if name not in declared]
    mistakes += [
        f"{name} is {actual[name]}, declared {kind}"
        for name, kind in declared.items()
        if name in actual and actual[name] != kind
    ]
    if mistakes:
        remedy = "make the transform and silver_tables in the dataset's config/dataset.json agree"
        what = f"silver table {table.name}: {listed(mistakes, separator='; ')}"
        raise SchemaMismatchError(what, remedy)
    return frame.select(*declared)
