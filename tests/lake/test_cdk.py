"""What the command line makes of the CDK's output."""

from __future__ import annotations

from pathlib import Path

import pytest

from lake import cdk, project
from lake.cdk import parse_event, relevant_tail
from lake.errors import UserMistakeError


def test_a_resource_event_is_read_with_or_without_colours() -> None:
    line = (
        "PP-RAWS-DataLake-Base |  3/20 | 12:00:01 PM | \x1b[32mCREATE_COMPLETE\x1b[39m      "
        "| AWS::S3::Bucket | \x1b[36mLake/Bucket (LakeBucket1A2B)\x1b[39m "
    )
    event = parse_event(line)
    assert event is not None
    assert (event.stack, event.progress, event.status) == ("PP-RAWS-DataLake-Base", "3/20", "CREATE_COMPLETE")
    assert (event.type, event.resource) == ("AWS::S3::Bucket", "Lake/Bucket (LakeBucket1A2B)")


@pytest.mark.parametrize("line", ["", "✨  Synthesis time: 4.3s", "Stack ARN:", "a | b | c"])
def test_other_lines_are_no_events(line: str) -> None:
    assert parse_event(line) is None


def test_the_tail_of_a_failure_leaves_out_the_frames_of_a_trace_and_keeps_its_error() -> None:
    output = [
        "Traceback (most recent call last):\n",
        '  File "/app.py", line 24, in <module>\n',
        "    main()\n",
        "\n",
        "ConfigError: dev.json: retention.raw: expected a number\n",
        "\x1b[31mSubprocess exited with error 1\x1b[39m\n",
    ]
    assert relevant_tail(output) == [
        "ConfigError: dev.json: retention.raw: expected a number",
        "Subprocess exited with error 1",
    ]


def test_the_tail_is_short_and_keeps_indented_lines_that_are_no_trace() -> None:
    lines = [f"  line {number}" for number in range(50)]
    assert relevant_tail(lines, limit=3) == ["  line 47", "  line 48", "  line 49"]


def test_a_missing_cdk_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cdk, "project_root", lambda: tmp_path)
    with pytest.raises(UserMistakeError, match="make install"):
        cdk.command("deploy", ["A"], "local")


def test_the_state_directory_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(project.STATE_VARIABLE, str(tmp_path / "other"))
    assert project.state_directory() == tmp_path / "other"
    monkeypatch.delenv(project.STATE_VARIABLE)
    assert project.state_directory() == project.project_root() / ".lake"
