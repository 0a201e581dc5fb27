"""Whatever a user types, there is a sentence and an exit code, and never a stack trace."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lake import exit_codes
from lake.app import app
from lake.group import asks_for_json
from lake.project import project_root
from tests.unit.lake_support import DEAD_ENDPOINT, lake, simulated_aws

COMMANDS: list[str] = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
WITH_DATASET = ["run", "watch", "stop", "redrive", "history", "logs", "tables"]
UNEXPECTED = re.compile(r"unexpected \w+(Error|Exception)|Traceback")


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with simulated_aws(monkeypatch, tmp_path):
        yield


# What the operating system can hand over: anything but a zero byte. A lone surrogate is a byte that is not UTF-8.
texts = st.text(st.characters(exclude_characters="\0"), max_size=12)
not_utf8 = st.sampled_from(["\udcff", "nsde\udc80", "--env=\udce4"])
unknown_options = st.from_regex(r"--no-such-[a-z]{1,8}(=\w{0,4})?", fullmatch=True)
bad_values = st.sampled_from(
    [
        *("--limit=x", "--limit=0", "--limit=-1", "--limit=9999999999999999999999", "--tail=0", "--tail=1e9"),
        *(
            "--port=70000",
            "--port=",
            "--target=azure",
            "--target=",
            "--target",
            "--env=prodd",
            "--env=",
            "--env=../dev",
        ),
        *("--full=/nowhere.zip", "--full=/", "--source-url=file.zip", "--source-url=", "--force=1", "--json=maybe"),
        *("-x", "--", "-", ""),
    ]
)
mistakes = st.one_of(unknown_options, bad_values, not_utf8, texts)


def assert_told_plainly(arguments: list[str]) -> None:
    result = lake(*arguments)
    assert result.exit_code in exit_codes.MEANINGS, (arguments, result.output, result.exception)
    assert result.exception is None or isinstance(result.exception, SystemExit), arguments
    assert not UNEXPECTED.search(result.output), (arguments, result.output)
    if asks_for_json(arguments) and "--help" not in arguments and "-h" not in arguments:
        document = json.loads(result.stdout)
        assert result.exit_code == exit_codes.OK or {"error", "what", "remedy"} <= set(document), arguments


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(command=st.sampled_from(COMMANDS), mistake=mistakes, option=unknown_options, as_json=st.booleans())
def test_wrong_arguments_are_told_in_a_sentence(command: str, mistake: str, option: str, *, as_json: bool) -> None:
    # The unknown option comes last: whatever else is read before, no command is carried out.
    assert_told_plainly([command, mistake, *(["--json"] if as_json else []), option])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    command=st.sampled_from(WITH_DATASET),
    dataset=texts | not_utf8 | st.just("nsde"),
    rest=st.lists(mistakes, max_size=2),
    as_json=st.booleans(),
)
def test_wrong_names_and_values_are_told_in_a_sentence(
    command: str, dataset: str, rest: list[str], *, as_json: bool
) -> None:
    # Nothing is deployed in this cloud, so that the right arguments do nothing either.
    # Before the rest: after an option that wants a value, it would be the value.
    assert_told_plainly([command, *(["--json"] if as_json else []), dataset, *rest])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(texts | not_utf8 | unknown_options, min_size=1, max_size=3))
def test_a_command_that_does_not_exist_is_told_in_a_sentence(arguments: list[str]) -> None:
    if arguments[0] not in COMMANDS:
        assert_told_plainly(arguments)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (("histroy", "nsde"), "history"),
        (("history", "nsd"), "did you mean nsde?"),
        (("history", "nsde", "--limt", "3"), "--limit"),
        (("history", "nsde", "--target", "asw"), "did you mean aws?"),
        (("history", "nsde", "--env", "lcoal"), "did you mean local?"),
        (("doctor", "--target", "lokal"), "did you mean local?"),
        (("doctor", "--target", "aws", "--env", "prd"), "did you mean prod?"),
        (("--show-completion", "bsh"), "did you mean bash?"),
    ],
)
def test_what_was_probably_meant_is_suggested(typed: tuple[str, ...], meant: str) -> None:
    result = lake(*typed)
    assert result.exit_code == exit_codes.USAGE
    assert meant in result.stderr


@pytest.mark.parametrize("endpoint", ["garbage", "http://", "http://host:port", "http://127.0.0.1:99999", "ftp://host"])
def test_an_endpoint_that_is_no_address_is_a_users_mistake(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    result = lake("history", "nsde")
    assert result.exit_code == exit_codes.USAGE, result.output
    assert "not an address" in result.stderr


def test_a_profile_that_does_not_exist_is_a_users_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    result = lake("history", "nsde")
    assert result.exit_code == exit_codes.USAGE
    assert "nobody" in result.stderr


@pytest.mark.parametrize("command", [("up",), ("history", "nsde", "--target", "local"), ("deploy", "nsde")])
def test_a_state_directory_that_is_a_file_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("LAKE_STATE_DIRECTORY", str(tmp_path / "file"))
    result = lake(*command)
    assert result.exit_code in {exit_codes.FAILED, exit_codes.UNAVAILABLE}
    assert not UNEXPECTED.search(result.output)


def test_a_query_that_is_not_text_is_a_users_mistake() -> None:
    assert lake("query", "-", input=b"\xff\xfe").exit_code == exit_codes.USAGE
    assert lake("query", "-", input=b" ").exit_code == exit_codes.USAGE


def test_a_reader_that_goes_away_ends_the_command_without_a_word() -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "lake", "status", "--exports", "--json"]
    environment = {**os.environ, "AWS_ENDPOINT_URL": DEAD_ENDPOINT}
    ended = subprocess.run(
        command, stdout=write, stderr=subprocess.PIPE, cwd=project_root(), env=environment, text=True, check=False
    )
    os.close(write)
    assert (ended.returncode, ended.stderr) == (exit_codes.PIPE_CLOSED, "")
