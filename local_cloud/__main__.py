"""The emulator's process: ``python -m local_cloud``, started by :func:`local_cloud.cloud.start`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from local_cloud.cloud import claim, cloud_of
from local_cloud.errors import LocalCloudError


def main() -> int:
    """Run the emulator until it is told to end; return the exit code."""
    try:
        here = cloud_of(os.getpid(), int(os.environ["GATEWAY_PORT"]))
        claim(Path(os.environ["LOCAL_CLOUD_STATE"]), here)
        from local_cloud.emulator import run  # noqa: PLC0415 - MiniStack reads its settings when it is imported

        run()
    except LocalCloudError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
