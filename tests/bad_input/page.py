"""Generate ``docs/bad-input.md`` from the test cases: ``python -m tests.bad_input.page``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from _shared.contracts.errors import transient_error_names
from _shared.glue_lib.bronze.stitching import LONGEST_RECORD
from _shared.glue_lib.columns.dates import FIRST_YEAR, YEARS_AHEAD
from _shared.glue_lib.columns.text import LONGEST_PARSED
from tests.bad_input.archives import ARCHIVES
from tests.bad_input.case import BadInput
from tests.bad_input.configuration import DATASETS, TABLE_FILES
from tests.bad_input.environments import ENVIRONMENTS, SOURCE_URLS
from tests.bad_input.files import FILES
from tests.bad_input.payloads import PAYLOADS
from tests.bad_input.several_sources import SECRETS, SEVERAL_SOURCES
from tests.bad_input.sources import SOURCES

PAGE = Path(__file__).parents[2] / "docs" / "bad-input.md"

FETCH, BRONZE, SILVER = "FetchAndHash", "Bronze job", "Silver job"
TO_BOTH = 2

HEAD = """\
# Bad input

How the platform handles wrong input: the component that detects it, the name of the error, its message and the
remedy. The tests run each of these inputs, compare error, message and remedy with this page, and print the list
with the results (`make test`). `…` stands for parts that differ from run to run. The examples use small datasets
named `pills`, `small` and `sample`, whose source is a server on 127.0.0.1.

Whatever the input:

- **Wrong input is not published.** An error ends the run before the catalog is switched; readers keep their
  version. The run record and the alert have the error's name and message, and the message ends with the remedy.
- **No data is lost.** A file that was received completely stays unchanged in `raw/`, even if its content is wrong.
  An incomplete download leaves no file. A row that cannot be published is in `quarantine/` with its reason, and
  `raw = kept + duplicates + quarantined + left out by design` holds for every table, or the run fails.
- Errors marked *retried* are transient: the step is retried with exponential back-off. All other errors end the run
  at once.
- After the cause is fixed, `lake run <dataset>` starts a new run. A redrive resumes the failed execution at the
  step that failed.
"""

ABOUT_CONFIGURATION = """\
`lake deploy`, `make synth` and every `lake` command that takes a dataset validate the configuration first, and end
with `ConfigError` if it has a mistake. Deployed resources are not changed. The message has one line for each
mistake: file, key, expected value, value found. Unless another remedy is given, write the expected value and deploy
again."""


ABOUT_FILES = """\
A header that differs from the declared one fails the run, because every row would be wrong. A malformed line is
kept and counted: one in 260,000 is no reason to publish nothing. Too many malformed lines fail a check of
`data_quality` in `dataset.json`: `max_quarantined_share` (default 5 %), `critical_null_threshold` (5 %),
`max_row_count_drop` (20 %).

A line with bytes that are invalid in all accepted encodings is malformed too. More than one in 1,000 such lines
mean that the file has another encoding, and fail the run (`UndecodableMemberError`). An incomplete last line
without a line feed is the sign of a truncated file. It counts as an ordinary malformed line only under two
conditions: the server declared a length and as many bytes were received, and the archive's checksum of the file is
correct. A file without an archive has no checksum, and its length alone is not enough.
"""

ABOUT_ROWS = f"""
Duplicates are rows that are equal as written, before trimming. The first in the file is published. Of other rows
with the same key only one can be published: the first in the file, independent of the order of tasks. The others
are quarantined as `REPEATED_KEY`, with their text.

A list or a description of more than {LONGEST_PARSED:,} characters is not parsed: it is kept whole in one row, with
the flag `TOO_LONG`. A date that cannot be parsed, is before {FIRST_YEAR}, or is more than {YEARS_AHEAD} years in
the future is kept and flagged. Such values never fail a job.

A quoted field may span {LONGEST_RECORD:,} lines. In a longer one each line is parsed separately, so that one
unclosed quote does not invalidate the whole file.
"""

ABOUT_PAYLOADS = """\
FetchAndHash checks the input before it takes the lease. The trigger checks its payload before it starts a run. For
the trigger, `null` and `{}` mean a run with default options.
"""


def page() -> str:
    """Return the page."""
    return "\n".join(
        [
            HEAD,
            "## The source's server\n",
            *_table(_rows(FETCH, SOURCES)),
            "\n## The archive\n",
            "FetchAndHash detects these before any other step runs. The archive stays in `raw/` for inspection.\n",
            *_table(_rows(FETCH, ARCHIVES)),
            "\n## The file\n",
            ABOUT_FILES,
            *_table(row for case in FILES for row in _rows(SILVER if case.job == "silver" else BRONZE, [case])),
            ABOUT_ROWS,
            "## Input of `start-execution` and payload of the trigger\n",
            ABOUT_PAYLOADS,
            *_table(row for case in PAYLOADS for row in _rows(_receiver(case.to), [case])),
            "\n## Configuration\n",
            ABOUT_CONFIGURATION,
            "\n### `domains/<dataset>/config/dataset.json`\n",
            *_configuration([*DATASETS, *SEVERAL_SOURCES, *SOURCE_URLS]),
            "\n### `domains/<dataset>/config/tables/<table>.json`\n",
            *_configuration(TABLE_FILES),
            "\n### `config/<environment>.json`\n",
            *_configuration([*ENVIRONMENTS, *SECRETS]),
            "",
        ]
    )


def _receiver(to: Sequence[str]) -> str:
    return "either" if len(to) == TO_BOTH else to[0]


def _rows(caught: str, cases: Iterable[BadInput]) -> Iterator[list[str]]:
    for case in cases:
        retried = ", *retried*" if case.error in transient_error_names() else ""
        error = f"`{case.error}`{retried}" if case.error else "none"
        yield [case.what, caught, error, f"`{case.sees}`", case.do]


def _table(rows: Iterable[list[str]]) -> Iterator[str]:
    yield "| input | caught by | error | what you see | what to do |"
    yield "|---|---|---|---|---|"
    for row in rows:
        yield _line(row)


def _configuration(cases: Iterable[BadInput]) -> Iterator[str]:
    yield "| input | what you see, after `ConfigError` and the file | what to do |"
    yield "|---|---|---|"
    for case in cases:
        yield _line([case.what, f"`{_after_file(case.sees)}`", case.do or "write what is expected"])


def _after_file(message: str) -> str:
    """Return the part of a message after the name of the file or folder."""
    return message.split(": ", 1)[1]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    """Escape Markdown characters in a text for a table, except in code spans."""
    parts = text.split("`")
    for index in range(0, len(parts), 2):
        for character in "\\*_|<>[":
            keep = character == "*" and "*retried*" in text
            parts[index] = parts[index] if keep else parts[index].replace(character, f"\\{character}")
    return "`".join(part.replace("|", "\\|") if index % 2 else part for index, part in enumerate(parts))


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
