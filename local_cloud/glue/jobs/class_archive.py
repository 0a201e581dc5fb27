"""Java's archive of loaded classes: made by the first job, it saves each later job about three seconds of its start.

The archive belongs to this Python environment, because it is valid only for Spark's jars at their path there. Java
ignores an archive that does not fit, so a job never fails because of it.

Source: https://docs.oracle.com/en/java/javase/17/vm/class-data-sharing.html
"""

from __future__ import annotations

import contextlib
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

# Java lists each class that it leaves out of an archive, on standard output.
_QUIET = "-Xlog:disable"


def default_path() -> Path:
    """Return the path of this Python environment's archive."""
    return Path(sys.prefix) / "share" / "pp-raws" / "spark-classes.jsa"


@dataclass(frozen=True)
class ClassArchive:
    """The archive as one job uses or makes it.

    Parameters
    ----------
    kept
        The archive of all jobs.
    made
        Where the job's JVM writes a new archive when it ends.
    exists
        Whether there was an archive when the job started.
    """

    kept: Path
    made: Path
    exists: bool

    @classmethod
    def of_job(cls, work: Path, kept: Path | None = None) -> ClassArchive:
        """Look for the archive, for a job with this work directory."""
        path = kept or default_path()
        return cls(path, work / "classes.jsa", path.is_file())

    @property
    def options(self) -> str:
        """The JVM's options."""
        use = f"-XX:SharedArchiveFile={self.kept}" if self.exists else f"-XX:ArchiveClassesAtExit={self.made}"
        return f"{use} {_QUIET}"

    def keep(self) -> None:
        """Keep a new archive for the next jobs, if there is one and the environment's directory can be written."""
        if self.made.is_file() and not self.kept.is_file():
            # Rename it into place, so that no job sees half an archive.
            copy = self.kept.with_name(f"{self.made.parent.name}.part")
            with contextlib.suppress(OSError):
                self.kept.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(self.made, copy)
                copy.replace(self.kept)
