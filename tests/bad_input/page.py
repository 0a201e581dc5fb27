"""``docs/bad-input.md``, made of the cases. ``python -m tests.bad_input.page`` writes it."""

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

What the platform does with input that is not as it should be: where it is caught, the name of the error, what you are
told, and what you can do. The tests give it each of these inputs, compare error, message and remedy with this page, and
print the list with what they saw (`make test`). `…` stands for what differs from run to run; the examples are of small
datasets named `pills`, `small` and `sample`, whose source is a server on 127.0.0.1.

Whatever the input:

- **Nothing of it is published.** An error ends the run before the catalog is switched; readers keep the version they
  have. The run record and the alert carry the error's name and its message, which ends with what to do.
- **Nothing is lost.** A file that came whole stays in `raw/` as it came, whatever is wrong with it. One that did not
  come whole leaves nothing behind. A row that cannot be published is in `quarantine/` with its reason, and
  `raw = kept + duplicates + quarantined + left out by design` holds for every table, or the run fails.
- Errors marked *retried* may pass by themselves: the step repeats them, with growing pauses, before it gives up.
  All others end the run at once.
- Once the cause is gone, `lake run <dataset>` starts a new run; a redrive of the failed execution resumes it at the
  step that failed.
"""

ABOUT_CONFIGURATION = """\
`lake deploy`, `make synth` and every `lake` command that takes a dataset read the configuration first, and refuse it
with `ConfigError`; what is deployed stays as it is. The message has one line for each mistake: file, key, what is
expected, what was found. Unless another remedy is named: write what is expected, and deploy again."""


ABOUT_FILES = """\
A header that is not the declared one stops the run: every row would be wrong. A line that is not as it should be is
counted and kept: one in 260,000 is no reason to publish nothing. Too many of them fail a check of `data_quality` in
`dataset.json`: `max_quarantined_share` (5 % unless set), `critical_null_threshold` (5 %), `max_row_count_drop` (20 %).

A line with bytes in none of the accepted encodings is such a line, too; more than one in 1,000 of them mean that the
file has another encoding, and stop the run (`UndecodableMemberError`). A last line that breaks off, with no line feed
at its end, is the sign of a file that was cut off. It is a line like the others only where two things say that the file
was written so: its server declared a length, and as many bytes came; and the archive's checksum of the file is right.
A file that is no archive has no checksum, and its length alone is not enough.
"""

ABOUT_ROWS = f"""
Duplicates are compared as written, before trimming; the first in the file is published. Rows that are no duplicates
and yet have one key cannot both be published: the first in the file is, whatever order the tasks ran in, and the
others are in quarantine as `REPEATED_KEY` with what the file says.

A list or a description of more than {LONGEST_PARSED:,} characters is not taken apart: it is kept whole in one row,
flagged `TOO_LONG`. A date that cannot be read, is before {FIRST_YEAR}, or is more than {YEARS_AHEAD} years ahead is
kept and flagged; none fails a job.

A quoted field may span {LONGEST_RECORD:,} lines. The lines of a longer one are judged one by one, so that one stray
quote does not take a whole file with it.
"""

ABOUT_PAYLOADS = """\
Caught by FetchAndHash before it takes the lease, or by the trigger, which then starts nothing. The trigger takes `null`
and `{}` for a run without wishes.
"""


def page() -> str:
    """Return the page."""
    return "\n".join(
        [
            HEAD,
            "## The source's server\n",
            *_table(_rows(FETCH, SOURCES)),
            "\n## The archive\n",
            "Caught before anything downstream runs; the archive stays in `raw/` for whoever wants to look at it.\n",
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
    """What a message says after the name of the file, or of the folder."""
    return message.split(": ", 1)[1]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    """Spell a text for a table: Markdown's own characters stay characters, code spans stay code."""
    parts = text.split("`")
    for index in range(0, len(parts), 2):
        for character in "\\*_|<>[":
            keep = character == "*" and "*retried*" in text
            parts[index] = parts[index] if keep else parts[index].replace(character, f"\\{character}")
    return "`".join(part.replace("|", "\\|") if index % 2 else part for index, part in enumerate(parts))


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
