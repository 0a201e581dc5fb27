"""Schema check for files without a header: the number of fields of the first lines."""

from __future__ import annotations

import csv
from collections import Counter

from _shared.contracts.errors import SchemaDriftError
from _shared.contracts.source import Member, ParseContract


def fixed_columns(head: bytes, member: Member, encoding: str, dataset: str, file: str) -> tuple[str, ...]:
    """Check the number of fields in the start of a file, and return the declared column names.

    A single line with another number of fields is a malformed row. If no line has the declared number, the schema of
    the file has changed.

    Parameters
    ----------
    head
        Start of the file.

    Raises
    ------
    SchemaDriftError
        No line in the start of the file has the declared number of fields.
    """
    complete = head[: head.rfind(b"\n") + 1] or head
    found = Counter(
        _field_count(line, member.parse) for line in complete.decode(encoding, "replace").split("\n") if line.strip()
    )
    declared = len(member.columns)
    if not found[declared]:
        (most, _), *_ = found.most_common(1)
        what = f"{dataset}: {file}: its lines have {most} fields, where {declared} columns are declared"
        remedy = (
            f"look whether the source added or dropped a column, and change members in "
            f"domains/{dataset}/config/dataset.json: the file has no header that would tell which"
        )
        raise SchemaDriftError(what, remedy)
    return tuple(column.name for column in member.columns)


def _field_count(line: str, parse: ParseContract) -> int:
    text = line.removesuffix("\r")
    if parse.quote:
        fields = next(csv.reader([text], delimiter=parse.delimiter, quotechar=parse.quote), [])
    else:
        fields = text.split(parse.delimiter)
    return len(fields) - parse.trailing_delimiter
