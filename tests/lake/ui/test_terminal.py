"""What a terminal would obey, a table would break on and Rich would style reaches no terminal through any command."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from rich.panel import Panel
from rich.text import Text

from _shared.contracts.report import CheckResult
from _shared.contracts.run_record import FAILED, RowCounts
from lake import datasets
from lake.aws.executions import Execution
from lake.aws.logs import LogLine
from lake.aws.stacks import Stack
from lake.commands import logs as logs_command
from lake.commands.catalog import _as_table
from lake.commands.doctor import _row as doctor_row
from lake.commands.status import _stack_row
from lake.doctor.finding import missing
from lake.run.pipeline import Outcome
from lake.run.report import print_outcome
from lake.run.steps import Step, StepStatus
from lake.ui import render
from lake.ui.csv_output import is_formula, write_csv
from lake.ui.output import Output
from lake.ui.progress import Activity, StepReporter
from lake.ui.terminal import one_line, printable
from tests.lake.support import ACCOUNT, RECORD, REGION, START, lake, put_records, simulated_aws

ATTACKS = (
    "\x1b]0;title\x07",
    "\x1b[2J\x1b[31m",
    "\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x9b31m\x9d0;title\x9c",
    "good\rbad\x08\x08",
    "\u202egnp.exe\u2066x\u2069\u200f\u061c",
    "[red]red[/red] [link=https://evil.example]here[/link] [/] [bold",
    "one\nSUCCEEDED  forged\u2028row\u2029\x85",
    "\x00\x7f\ud800",
)
HOSTILE = " ".join(ATTACKS)
WRITABLE = HOSTILE.replace("\ud800", "")
# What a terminal obeys. Rich's own codes of colour are not there: the tests' output is no terminal.
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
MARKUP = "[red]red[/red] [link=https://evil.example]here[/link] [/] [bold"
STEP = Step(HOSTILE, "State", START, StepStatus.FAILED, START, 2, HOSTILE)
EVIL_RECORD = replace(
    RECORD,
    status=FAILED,
    reason=HOSTILE,
    version=HOSTILE,
    step=HOSTILE,
    error=HOSTILE,
    rows={HOSTILE: RowCounts(1, 1, 1, 0, 1)},
    quarantine_reasons={HOSTILE: 1},
    left_out_reasons={HOSTILE: 1},
    locations={HOSTILE: HOSTILE},
    checks=(CheckResult(HOSTILE, HOSTILE, passed=False, observed=HOSTILE, expected=HOSTILE, column=HOSTILE),),
)


def assert_harmless(text: str) -> None:
    assert not OBEYED.search(text), repr(text)


@given(st.text())
def test_no_text_is_obeyed_and_a_line_is_one(text: str) -> None:
    assert_harmless(printable(text))
    assert not set("\n\t") & set(one_line(text))
    one_line(text).encode()


@given(st.text(alphabet=st.characters(exclude_categories=("C", "Z"))))
def test_text_that_does_no_harm_stays_as_it_is(text: str) -> None:
    assert one_line(text) == text


def test_what_is_obeyed_is_spelt_out() -> None:
    assert printable("\x1b[31m\r\u202e\x9b\n") == "\\x1b[31m\\r\\u202e\\x9b\n"
    assert one_line("a\nb\tc") == "a\\nb\\tc"


def _outcome() -> Outcome:
    execution = Execution(HOSTILE, FAILED, START, error=HOSTILE, cause=HOSTILE)
    return Outcome(datasets.dataset("nsde"), execution, EVIL_RECORD, (STEP,))


SHOWN: dict[str, Callable[[Output], None]] = {
    "a note": lambda output: output.note(HOSTILE),
    "an error": lambda output: output.error("QueryFailedError", HOSTILE, HOSTILE),
    "a stack trace": lambda output: output.stack_trace(ValueError(HOSTILE)),
    "plain text": lambda output: output.result.print(HOSTILE),
    "styled text": lambda output: output.result.print(render.joined(render.styled(HOSTILE, "red"), HOSTILE)),
    "text of Rich's own": lambda output: output.result.print(Panel(Text(HOSTILE))),
    "a heading": lambda output: output.result.rule(HOSTILE),
    "a table": lambda output: output.result.print(render.table([HOSTILE], [[HOSTILE], [render.status(HOSTILE)]])),
    "facts": lambda output: output.result.print(render.facts([(HOSTILE, HOSTILE)])),
    "a step": lambda output: StepReporter(Activity(output, HOSTILE)).update([STEP]),
    "a line of progress": lambda output: Activity(output, HOSTILE).line(HOSTILE),
    "the end of a run": lambda output: print_outcome(output.result, _outcome(), HOSTILE),
    "a check of doctor": lambda output: output.result.print(
        render.table(list("abcd"), [doctor_row(missing(HOSTILE, HOSTILE, HOSTILE))])
    ),
    "a stack": lambda output: output.result.print(
        render.table(list("abc"), [_stack_row(Stack(HOSTILE, HOSTILE, START))])
    ),
    "a table of the catalog": lambda output: output.result.print(
        _as_table(
            [
                dict.fromkeys(("database", "table", "type", "location"), HOSTILE)
                | {"rows": 1, "versions": [HOSTILE], "columns": 1, "partitions": 1}
            ]
        )
    ),
}


@pytest.mark.parametrize("show", SHOWN.values(), ids=SHOWN)
def test_nothing_that_is_shown_is_obeyed_or_taken_for_markup(
    show: Callable[[Output], None], capsys: pytest.CaptureFixture[str]
) -> None:
    show(Output())
    captured = capsys.readouterr()
    text = captured.out + captured.err
    assert_harmless(text)
    assert "\\x1b" in text
    assert "[red]" in re.sub(r"\s+", "", text)


def test_on_a_terminal_only_the_colours_of_ours_are_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    ours, terminal = pty.openpty()
    with os.fdopen(terminal, "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        monkeypatch.setattr(sys, "stderr", stream)
        output = Output()
        output.error("QueryFailedError", HOSTILE, HOSTILE)
        with Activity(output, HOSTILE) as activity:
            activity.show(HOSTILE)
        stream.flush()
        shown = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert "\x1b[1;31merror:" in shown
    rest = re.sub(r"\x1b\[[0-9;?]*[mhlAK]", "", shown).replace("\r", "")
    assert_harmless(rest)


@pytest.mark.usefixtures("aws")
class TestCommands:
    @pytest.fixture(name="aws")
    def fixture_aws(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
        with simulated_aws(monkeypatch, tmp_path):
            yield

    @pytest.mark.parametrize("command", [("history", "nsde"), ("status",), ("logs", "nsde")])
    def test_records_and_logs(self, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
        put_records(replace(RECORD, status=FAILED, reason=WRITABLE, step=WRITABLE, version=WRITABLE))
        lines = [LogLine(datetime.now(UTC), HOSTILE, HOSTILE)]
        monkeypatch.setattr(logs_command, "_job_runs", lambda *_: {"BronzeJob": HOSTILE})
        monkeypatch.setattr("lake.aws.executions.log_groups", lambda *_: [HOSTILE])
        monkeypatch.setattr("lake.aws.stacks.describe", lambda *_: Stack(HOSTILE, HOSTILE, START))
        monkeypatch.setattr("lake.aws.logs.read", lambda *_: lines)
        result = lake(*command)
        assert result.exit_code == 0, result.output
        assert_harmless(result.output)
        assert "\\x1b" in result.output
        assert not re.search(r"^ {0,9}SUCCEEDED  forged", result.stdout, re.MULTILINE)

    def test_lines_within_a_log_message_are_no_lines_of_the_log(self, monkeypatch: pytest.MonkeyPatch) -> None:
        put_records(RECORD)
        forged = [LogLine(START, "", "real\n  06:30:00 forged")]
        monkeypatch.setattr(logs_command, "_job_runs", lambda *_: {})
        monkeypatch.setattr("lake.aws.executions.log_groups", lambda *_: [])
        monkeypatch.setattr("lake.aws.logs.read", lambda *_: forged)
        assert re.search(r"^ {12,}06:30:00 forged", lake("logs", "nsde").stdout, re.MULTILINE)

    @pytest.mark.parametrize(
        "arguments",
        [
            ("history", WRITABLE),
            ("watch", "nsde", WRITABLE),
            ("query", WRITABLE),
            ("run", "nsde", "--source-url", WRITABLE),
            (WRITABLE,),
            ("doctor", "--target", WRITABLE),
            ("demo", "--full", WRITABLE.replace("\x00", "")),
            ("history", "nsde", "--limit", WRITABLE),
        ],
    )
    def test_what_a_command_is_given(self, arguments: tuple[str, ...]) -> None:
        result = lake(*arguments)
        assert result.exit_code != 0
        assert_harmless(result.output)

    def test_values_of_a_query(self) -> None:
        boto3.client("athena", region_name=REGION).create_work_group(
            Name="dev-pp-raws", Configuration={"ResultConfiguration": {"OutputLocation": "s3://results/"}}
        )
        _answer_with([WRITABLE, "=1+1"])
        table = lake("query", "SELECT 1")
        assert table.exit_code == 0, table.output
        assert_harmless(table.output)
        assert "\\x1b" in table.stdout
        _answer_with([WRITABLE, "=1+1"])
        raw = lake("query", "SELECT 1", "--csv")
        assert next(csv.reader(io.StringIO(raw.stdout, newline=""))) == ["word"]
        assert WRITABLE in raw.stdout
        assert "a spreadsheet would run" in raw.stderr
        assert "1 in column 'word'" in raw.stderr
        _answer_with([WRITABLE, "=1+1"])
        document = json.loads(lake("query", "SELECT 1", "--json").stdout)
        assert [row["word"] for row in document["rows"]] == [WRITABLE, "=1+1"]


def _answer_with(values: list[str]) -> None:
    info: dict[str, Any] = {"CatalogName": "", "SchemaName": "", "TableName": "", "Name": "word", "Label": "word"}
    rows = [{"Data": [{"VarCharValue": value}]} for value in ("word", *values)]
    body = {"results": [{"rows": rows, "column_info": [{**info, "Type": "varchar"}]}], "region": REGION}
    body["account_id"] = ACCOUNT
    requests.post("http://motoapi.amazonaws.com/moto-api/static/athena/query-results", json=body, timeout=5)


@pytest.mark.parametrize("value", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\tx", "\rx", "-", "+1-1", "=1"])
def test_cells_that_a_spreadsheet_would_run(value: str) -> None:
    assert is_formula(value)


@pytest.mark.parametrize("value", [None, "", "x", "1", "-1", "+1.5", "-.5e-3", "1=1", " =1", "'=1", "2019-04-29"])
def test_cells_that_are_values(value: str | None) -> None:
    assert not is_formula(value)


def test_csv_is_raw_but_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[list[str | None]] = [[WRITABLE], [None], ["=1"], ["@x"]]
    write_csv(Output(), [WRITABLE], rows)
    captured = capsys.readouterr()
    assert list(csv.reader(io.StringIO(captured.out, newline=""))) == [[WRITABLE], [WRITABLE], [""], ["=1"], ["@x"]]
    assert_harmless(captured.err)
    assert "2 in column" in captured.err
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    write_csv(Output(), [HOSTILE], rows)
    shown = capsys.readouterr().out
    assert_harmless(shown)
    assert shown.count("\n") == 5


def test_csv_of_plain_values_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    write_csv(Output(), ["n"], [["-1"], ["x"]])
    assert capsys.readouterr() == ("n\n-1\nx\n", "")
