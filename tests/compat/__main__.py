"""``python -m tests.compat``: compare the local Athena's answers with Trino's; exit code 1 where they differ."""

from __future__ import annotations

import sys

from tests.compat.compare import compare
from tests.compat.release import ReleaseError
from tests.compat.server import ServerError


def main() -> int:
    """Run the comparison."""
    try:
        return compare()
    except (ReleaseError, ServerError) as error:
        sys.stderr.write(f"{error}\n")
        return 3


if __name__ == "__main__":
    sys.exit(main())
