"""Pictures that commands write."""

from __future__ import annotations

from pathlib import Path

from lake.errors import UserMistakeError

FORMATS = (".svg", ".png", ".pdf")


def check_format(file: Path) -> None:
    """Check the ending of a picture's name.

    Raises
    ------
    UserMistakeError
        A picture of this kind cannot be written.
    """
    if file.suffix not in FORMATS:
        msg = f"--output {file}: a picture of this kind cannot be written"
        raise UserMistakeError(msg, f"end its name with one of {', '.join(FORMATS)}")
