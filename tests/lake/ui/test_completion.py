"""What the Tab key offers, in bash for real and by the words that zsh and fish exchange with the program."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from config.datasets import dataset_names
from lake import exit_codes
from lake.project import project_root
from lake.ui import completion
from lake.ui.completion import SHELLS
from tests.lake.support import lake


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A ``lake`` that is not on the path, as ``make install`` writes it."""
    file = tmp_path / "bin" / "lake"
    file.parent.mkdir()
    root = str(project_root())
    text = f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {root!r})\nfrom lake.__main__ import main\nmain()\n"
    file.write_text(text, "utf-8")
    file.chmod(0o755)
    return file


@pytest.fixture
def bash(program: Path) -> Callable[[str], set[str]]:
    """What bash offers after what is typed."""

    def complete(typed: str) -> set[str]:
        words = [str(program), *shlex.split(typed), *([""] if typed.endswith(" ") else [])]
        script = (
            f"source {shlex.quote(str(completion.__file__).replace('completion.py', 'shells/lake.bash'))}\n"
            f"COMP_WORDS=({' '.join(map(shlex.quote, words))}); COMP_CWORD={len(words) - 1}\n"
            f'_lake_completion {shlex.quote(str(program))}; printf "%s\\n" "${{COMPREPLY[@]}}"'
        )
        answer = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True, check=True)
        return set(answer.stdout.split())

    return complete


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("re", {"redrive", "report", "requeue"}),
        ("run ", set(dataset_names())),
        ("watch nsd", {"nsde"}),
        ("tables nsd", {"nsde"}),
        ("deploy nsde nsd", {"nsde"}),
        ("history nsde --env d", {"dev"}),
        ("history nsde --target ", {"auto", "local", "aws"}),
        ("run nsde --no", {"--no-wait"}),
    ],
)
def test_bash_offers_commands_datasets_environments_targets_and_options(
    bash: Callable[[str], set[str]], typed: str, offered: set[str]
) -> None:
    assert bash(typed) == offered


@pytest.mark.parametrize(
    ("shell", "variables", "expected"),
    [
        ("zsh", {"_TYPER_COMPLETE_ARGS": "lake run nsd"}, "_arguments '*: :((\"nsde\"))'"),
        ("fish", {"_TYPER_COMPLETE_ARGS": "lake run nsd", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}, "nsde"),
    ],
)
def test_zsh_and_fish_are_answered(program: Path, shell: str, variables: dict[str, str], expected: str) -> None:
    environment = {**os.environ, "_LAKE_COMPLETE": f"complete_{shell}", **variables}
    answer = subprocess.run([program], env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == expected
    script = completion.script(shell)
    for part in ("_LAKE_COMPLETE=complete_" + shell, *variables):
        assert part in script


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_of_the_shell_that_is_named_is_shown(shell: str) -> None:
    assert lake("--show-completion", shell).stdout == completion.script(shell)


def test_the_script_of_the_running_shell_is_shown_by_the_program_itself(program: Path) -> None:
    answer = subprocess.run(
        ["bash", "-c", f"{program} --show-completion; :"], capture_output=True, text=True, check=True
    )
    assert answer.stdout == completion.script("bash")


@pytest.mark.parametrize(
    ("shell", "script", "configuration"),
    [
        ("bash", ".bash_completions/lake.sh", ".bashrc"),
        ("zsh", ".zfunc/_lake", ".zshrc"),
        ("fish", ".config/fish/completions/lake.fish", None),
    ],
)
def test_it_is_installed_once_and_what_the_user_has_stays(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shell: str, script: str, configuration: str | None
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    if configuration:
        (tmp_path / configuration).write_text("alias ll='ls -l'", "utf-8")
    for _ in range(2):
        result = lake("--install-completion", shell)
        assert result.exit_code == exit_codes.OK
        assert script in result.stdout
    assert (tmp_path / script).read_text("utf-8") == completion.script(shell)
    if configuration:
        lines = (tmp_path / configuration).read_text("utf-8").splitlines()
        assert lines[0] == "alias ll='ls -l'"
        assert len(lines) == 2


@pytest.mark.parametrize("arguments", [("tcsh",), ("bash", "zsh")])
def test_a_shell_that_is_not_known_is_a_users_mistake(arguments: tuple[str, ...]) -> None:
    assert lake("--install-completion", *arguments).exit_code == exit_codes.USAGE
