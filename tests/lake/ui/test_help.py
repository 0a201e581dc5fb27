"""Every command's help, and the page that says the same: neither may lag behind the commands."""

from __future__ import annotations

import re
from typing import Any

import pytest
import typer

from lake import exit_codes
from lake.app import app
from lake.project import project_root
from tests.lake.support import lake

COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
COMMON = {"--target", "--env", "--json", "--debug"}
PAGE = (project_root() / "docs" / "command-line.md").read_text("utf-8")


def options(command: str) -> set[str]:
    return {name for parameter in COMMANDS[command].params for name in parameter.opts if name.startswith("--")}


def section(command: str) -> str:
    match = re.search(rf"^### lake {command}\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert match, f"docs/command-line.md has no section on lake {command}"
    return match.group(1)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    result = lake(command, "--help")
    assert result.exit_code == exit_codes.OK
    assert re.search(rf"Example: .*lake {command}", result.stdout)
    assert "--json" in result.stdout


def test_the_whole_has_an_example_and_names_every_command() -> None:
    for result in (lake("--help"), lake()):
        assert result.exit_code == exit_codes.OK
        assert "Example: lake demo" in result.stdout
        assert all(f" {command} " in result.stdout for command in COMMANDS)


@pytest.mark.parametrize("arguments", [(), *((command,) for command in sorted(COMMANDS))])
def test_every_help_tells_the_exit_codes(arguments: tuple[str, ...]) -> None:
    told = " ".join(lake(*arguments, "--help").stdout.split("Exit status:")[1].split())
    for code, meaning in exit_codes.MEANINGS.items():
        assert f"{code} {meaning.split(';')[0]}" in told


def test_the_page_has_the_exit_codes() -> None:
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", PAGE, re.MULTILINE)
    assert {int(code): meaning.replace("`", "") for code, meaning in rows} == exit_codes.MEANINGS


def test_the_page_has_the_commands_and_no_others() -> None:
    assert set(re.findall(r"^### lake (\w+)$", PAGE, re.MULTILINE)) == set(COMMANDS)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_the_page_has_each_commands_options_and_no_others(command: str) -> None:
    own = options(command) - (COMMON - {"--target", "--env"} if command == "doctor" else COMMON)
    assert set(re.findall(r"^- `(--[a-z-]+)", section(command), re.MULTILINE)) == own


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_the_page_has_an_example_of_each_command(command: str) -> None:
    assert re.search(rf"```bash\n.*\blake {command}\b.*```", section(command), re.DOTALL)


def test_the_common_options_are_told_once_on_the_page() -> None:
    common = PAGE.split("## Common options")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(--[a-z-]+)", common, re.MULTILINE)) == COMMON
