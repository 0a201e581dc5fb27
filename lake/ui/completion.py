"""Shell completion: the scripts for shells, and the completion of datasets, environments and targets.

The scripts call the program by the path that the user typed, so ``.venv/bin/lake`` does not have to be on the path.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import shellingham  # type: ignore[import-untyped]

from config.datasets import dataset_names, load_dataset
from config.environment import environment_names
from lake.errors import UserMistakeError
from lake.targets import TargetChoice
from lake.ui.names import suggestion

SHOW = "--show-completion"
INSTALL = "--install-completion"

SHELLS = ("bash", "zsh", "fish")


def script(shell: str) -> str:
    """Return the completion script of a shell."""
    return (Path(__file__).parent / "shells" / f"lake.{shell}").read_text("utf-8")


def datasets(incomplete: str) -> list[str]:
    """Return the datasets whose name begins with the text."""
    return [name for name in dataset_names() if name.startswith(incomplete)]


def tables(incomplete: str) -> list[str]:
    """Return the published tables whose name begins with the text."""
    declared = sorted(table.name for name in dataset_names() for table in load_dataset(name).silver_tables)
    return [name for name in declared if name.startswith(incomplete)]


def environments(incomplete: str) -> list[str]:
    """Return the environments whose name begins with the text."""
    return [name for name in environment_names() if name.startswith(incomplete)]


def targets(incomplete: str) -> list[str]:
    """Return the targets whose name begins with the text."""
    return [choice.value for choice in TargetChoice if choice.startswith(incomplete)]


def answer(arguments: Sequence[str]) -> bool:
    """Show or install the script if the command line requests it; return whether it did.

    Raises
    ------
    UserMistakeError
        The shell cannot be detected, or is not supported.
    """
    actions: dict[str, Callable[[str], None]] = {SHOW: _show, INSTALL: _install}
    action = actions.get(arguments[0])
    if action is None:
        return False
    rest = arguments[1:]
    if len(rest) > 1:
        msg = f"{arguments[0]} takes one shell, not {len(rest)}"
        raise UserMistakeError(msg, f"choose one of {', '.join(SHELLS)}")
    action(_supported(rest[0] if rest else _current_shell()))
    return True


def _supported(shell: str) -> str:
    if shell in SHELLS:
        return shell
    msg = f"there is no completion for the shell {shell!r}"
    raise UserMistakeError(msg, suggestion(shell, SHELLS))


def _current_shell() -> str:
    try:
        return str(shellingham.detect_shell()[0])
    except shellingham.ShellDetectionFailure as error:
        msg = "the current shell cannot be detected"
        raise UserMistakeError(msg, f"name it, for example: lake {SHOW} bash") from error


def _show(shell: str) -> None:
    sys.stdout.write(script(shell))


def _install(shell: str) -> None:
    file = _INSTALLERS[shell](script(shell))
    sys.stdout.write(f"Completion for {shell} is installed in {file}. It works in the next shell you start.\n")


def _install_bash(text: str) -> Path:
    file = _write(Path.home() / ".bash_completions" / "lake.sh", text)
    _ensure_line(Path.home() / ".bashrc", f"source '{file}'")
    return file


def _install_zsh(text: str) -> Path:
    _ensure_line(Path.home() / ".zshrc", "fpath+=~/.zfunc; autoload -Uz compinit; compinit")
    return _write(Path.home() / ".zfunc" / "_lake", text)


def _install_fish(text: str) -> Path:
    configuration = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return _write(configuration / "fish" / "completions" / "lake.fish", text)


_INSTALLERS = {"bash": _install_bash, "zsh": _install_zsh, "fish": _install_fish}


def _write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return file


def _ensure_line(file: Path, line: str) -> None:
    text = file.read_text("utf-8") if file.is_file() else ""
    if line not in text.splitlines():
        with file.open("a", encoding="utf-8") as end:
            end.write(("" if not text or text.endswith("\n") else "\n") + line + "\n")
