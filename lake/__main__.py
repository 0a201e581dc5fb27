"""``python -m lake``."""

from __future__ import annotations

from lake.app import app


def main() -> None:
    """Run the command line."""
    app(prog_name="lake")


if __name__ == "__main__":
    main()
