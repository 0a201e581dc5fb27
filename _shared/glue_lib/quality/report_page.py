"""The report of a run as a self-contained HTML page: whether the version can be trusted, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from _shared.contracts.report import CheckResult, JobReport, TableCounts

CONTENT_POLICY = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
)
"""Lets a browser run no script and load nothing, whatever a value in the page says."""

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 80rem; padding: 1rem; }
h1, h2 { line-height: 1.2; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; width: 100%; }
th, td { border-bottom: 1px solid #8885; padding: .3rem .6rem; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; min-width: 6rem; }
.number { text-align: right; white-space: nowrap; }
.verdict { border-left: .4rem solid; font-size: 1.15rem; padding: .6rem 1rem; }
.passed { color: #18864b; } .warning { color: #b26a00; } .critical { color: #c62f2f; }
.scroll { overflow-x: auto; }
"""

_COUNTS = ("table", "rows in", "kept", "duplicates", "quarantined", "left out", "published")
_CHECKS = ("result", "check", "table", "column", "seen", "expected", "source of the rule")


def page(report: JobReport, version: str) -> str:
    """Return the report of a Silver job.

    Parameters
    ----------
    version
        Release date.
    """
    title = f"{report.dataset} {version}"
    failed = sorted((check for check in report.checks if not check.passed), key=lambda check: check.severity)
    passed = [check for check in report.checks if check.passed]
    parts = [
        f"<h1>{escape(title)}</h1><p>Run {escape(report.run_id)}</p>",
        _verdict(report.checks, report.tables),
        *([f"<h2>Findings</h2>{_checks(failed, with_remedy=True)}"] if failed else []),
        f"<h2>Rows</h2>{_rows(report.tables)}",
        *([f"<p>Not in this release: {escape(', '.join(report.absent))}</p>"] if report.absent else []),
        f"<h2>Passed</h2>{_checks(passed)}",
    ]
    about = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    head = f"{CONTENT_POLICY}{about}<title>{escape(title)}</title>"
    return (
        f'<!doctype html><html lang="en"><head>{head}<style>{_STYLE}</style></head><body>{"".join(parts)}</body></html>'
    )


def _verdict(checks: Sequence[CheckResult], tables: Sequence[TableCounts]) -> str:
    lost = [counts.table for counts in tables if not counts.balanced]
    if lost:
        words = f"Not published: the rows of {', '.join(lost)} are not all accounted for."
        return f'<p class="verdict critical">{escape(words)}</p>'
    stopping = sum(check.stops for check in checks)
    warnings = sum(not check.passed for check in checks) - stopping
    if stopping:
        kind, words = "critical", f"Not published: {stopping} critical of {len(checks)} checks failed."
    elif warnings:
        kind, words = (
            "warning",
            f"No critical check failed; {warnings} of {len(checks)} checks warn.",
        )
    else:
        kind, words = "passed", f"All {len(checks)} checks passed."
    return f'<p class="verdict {kind}">{words}</p>'


def _rows(tables: Iterable[TableCounts]) -> str:
    lines = []
    for counts in tables:
        reasons = ", ".join(f"{name} {number:,}" for name, number in counts.quarantined.items())
        quarantined = f"{sum(counts.quarantined.values()):,}" + (f" ({reasons})" if reasons else "")
        kept = counts.rows_out if counts.kept is None else counts.kept
        numbers = (counts.rows_in, kept, counts.duplicates)
        cells = [f"{number:,}" for number in numbers]
        cells += [quarantined, f"{sum(counts.left_out.values()):,}", f"{counts.rows_out:,}"]
        link = f'<a href="{escape(counts.table)}.html">{escape(counts.table)}</a>'
        lines.append(f"<td>{link}</td>" + "".join(f'<td class="number">{escape(cell)}</td>' for cell in cells))
    return _table([(_COUNTS[0], ""), *((name, "number") for name in _COUNTS[1:])], lines)


def _checks(checks: Iterable[CheckResult], *, with_remedy: bool = False) -> str:
    lines = []
    for check in checks:
        kind = "passed" if check.passed else check.severity
        source = f'<a href="{escape(check.reference)}">page</a>' if check.reference.startswith("https://") else ""
        texts = (check.name, check.table, check.column or "", check.observed, check.expected)
        cells = "".join(f"<td>{escape(text)}</td>" for text in texts)
        remedy = f"<td>{escape(check.remedy)}</td>" if with_remedy else ""
        lines.append(f'<td class="{kind}">{kind}</td>{cells}<td>{source}</td>{remedy}')
    return _table([(name, "") for name in (*_CHECKS, *(["what to do"] if with_remedy else []))], lines)


def _table(head: Iterable[tuple[str, str]], lines: Iterable[str]) -> str:
    names = "".join(
        f'<th class="{kind}">{escape(name)}</th>' if kind else f"<th>{escape(name)}</th>" for name, kind in head
    )
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<div class="scroll"><table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table></div>'
