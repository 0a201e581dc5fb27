"""Files without header: whether their lines have the declared number of fields, told by the first of them."""

from __future__ import annotations

import csv
from collections import Counter

from _shared.contracts.dataset import Member, ParseContract
from _shared.contracts.errors import SchemaDriftError


def fixed_columns(head: bytes, member: Member, encoding: str, dataset: str, file: str) -> tuple[str, ...]:
    """Names of the declared columns, which the fields of every line have in that order.

    One line with another number of fields is a malformed row; where none has the declared one, the file has changed.

    Parameters
    ----------
    head
        Start of the file.

    Raises
    ------
    SchemaDriftError
        No line of the file's start has as many fields as there are columns.
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
