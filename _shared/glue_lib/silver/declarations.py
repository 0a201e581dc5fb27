"""Compare the declarations of a dataset with its transforms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyspark.sql import DataFrame

from _shared.contracts.dataset import DatasetConfig, SilverTable
from _shared.contracts.errors import SchemaMismatchError
from _shared.contracts.messages import listed
from _shared.glue_lib.silver.transform import SilverTransform


def check_declarations(config: DatasetConfig, transforms: Sequence[SilverTransform]) -> None:
    """Check that tables, members and required columns match the transforms.

    Raises
    ------
    SchemaMismatchError
        A silver table has no transform; a transform's table is not declared; a transform reads an undeclared table;
        or a required column is in no silver table.
    """
    mistakes = [*_table_mistakes(config, transforms), *_source_mistakes(config, transforms)]
    columns = {column.name for table in config.silver_tables for column in table.columns}
    mistakes += [
        f"required column {name} is in no silver table"
        for name in config.data_quality.required_columns
        if name not in columns
    ]
    if mistakes:
        remedy = f"make domains/{config.dataset}/config and domains/{config.dataset}/transforms.py agree"
        what = f"{config.dataset}: {listed(mistakes, separator='; ')}"
        raise SchemaMismatchError(what, remedy)


def _table_mistakes(config: DatasetConfig, transforms: Sequence[SilverTransform]) -> Iterator[str]:
    declared = [table.name for table in config.silver_tables]
    made = [transform.table for transform in transforms]
    yield from (f"silver table {name} has no transform" for name in declared if name not in made)
    yield from (f"a transform makes {name}, which is not declared" for name in made if name not in declared)


def _source_mistakes(config: DatasetConfig, transforms: Sequence[SilverTransform]) -> Iterator[str]:
    members = {member.table for member in config.members}
    for transform in transforms:
        if not transform.sources:
            yield f"the transform of {transform.table} reads nothing"
        for name in (*transform.sources, *transform.lookups):
            if name not in members:
                yield f"the transform of {transform.table} reads {name}, which no member makes"


def conform(frame: DataFrame, table: SilverTable) -> DataFrame:
    """Check a transform's output and order its columns as declared.

    Raises
    ------
    SchemaMismatchError
        A declared column is missing or has another type, or a column is not declared.
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
        remedy = f"make the transform and the dataset's config/tables/{table.name}.json agree"
        what = f"silver table {table.name}: {listed(mistakes, separator='; ')}"
        raise SchemaMismatchError(what, remedy)
    return frame.select(*declared)
