"""The emulator's process: ``python -m local_cloud``, started by :func:`local_cloud.cloud.start`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from local_cloud.cloud import claim
from local_cloud.errors import LocalCloudError
from local_cloud.state.directory import UMASK


def main() -> int:
    """Run the emulator until it receives a signal to stop; return the exit code."""
    os.umask(UMASK)
    try:
        here = claim(Path(os.environ["LOCAL_CLOUD_STATE"]), int(os.environ["GATEWAY_PORT"]))
        os.environ.update(here.environment())
        from local_cloud.emulator import run  # noqa: PLC0415 - MiniStack reads its settings when it is imported

        run()
    except LocalCloudError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
