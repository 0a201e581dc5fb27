"""Serve a folder over HTTP like FDA's and NLM's servers: ``python -m samples.server DIRECTORY --port N``.

The server has the features that the pipeline relies on: a strong ``ETag``, ``Last-Modified``, ``304 Not Modified``,
ranges and ``HEAD``. It listens on loopback only.

For a file under a folder named ``YYYY-MM-DD``, ``Last-Modified`` is that day at 00:00 UTC, because a git checkout does
not keep modification times. For other files it is the modification time.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.security import safe_join
from werkzeug.serving import make_server
from werkzeug.utils import send_file
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HOST = "127.0.0.1"
_RELEASE_FOLDER = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass
class SourceServer:
    """A WSGI application that serves the files of one folder.

    Parameters
    ----------
    root
        The folder. Files outside it are never served, not even through ``..`` or symbolic links.
    """

    root: Path
    _hashes: dict[tuple[Path, int, int], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.root = self.root.resolve()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        try:
            response: Response | HTTPException = self.respond(Request(environ))
        except HTTPException as error:
            response = error
        return response(environ, start_response)

    def respond(self, request: Request) -> Response:
        """Return the requested file, a part of it, or 304, according to the request's validators and ranges.

        Raises
        ------
        NotFound
            There is no such file in the folder.
        MethodNotAllowed
            The method is neither ``GET`` nor ``HEAD``.
        """
        if request.method not in {"GET", "HEAD"}:
            raise MethodNotAllowed(["GET", "HEAD"])
        path = self._file(request.path)
        return send_file(
            path,
            request.environ,
            conditional=True,
            etag=self._hash(path),
            last_modified=last_modified(path.relative_to(self.root), path.stat().st_mtime),
        )

    def _file(self, url_path: str) -> Path:
        joined = safe_join(str(self.root), url_path.lstrip("/"))
        path = Path(joined).resolve() if joined else None
        if path is None or not path.is_relative_to(self.root) or not path.is_file():
            raise NotFound
        return path

    def _hash(self, path: Path) -> str:
        stat = path.stat()
        key = (path, stat.st_mtime_ns, stat.st_size)
        if key not in self._hashes:
            with path.open("rb") as file:
                self._hashes[key] = hashlib.file_digest(file, "sha256").hexdigest()
        return self._hashes[key]


def last_modified(path: Path, file_time: float) -> datetime:
    """Return the release time of a file: the date of the nearest dated folder, else the modification time.

    Parameters
    ----------
    path
        Path relative to the served folder.
    file_time
        The file's modification time, in seconds since the epoch.
    """
    for folder in reversed(path.parts[:-1]):
        date = release_date(folder)
        if date is not None:
            return date
    return datetime.fromtimestamp(int(file_time), UTC)


def release_date(folder: str) -> datetime | None:
    """Return the date in a folder's name, or ``None`` if the name is not a date."""
    if not _RELEASE_FOLDER.fullmatch(folder):
        return None
    try:
        return datetime.strptime(folder, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m samples.server", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("directory", type=Path, help="folder to serve")
    parser.add_argument("--port", type=int, default=0, help="port on loopback; 0 takes a free one (default)")
    chosen = parser.parse_args(arguments)
    if not chosen.directory.is_dir():
        parser.error(f"{chosen.directory}: no such folder")
    server = make_server(HOST, chosen.port, SourceServer(chosen.directory), threaded=True)
    sys.stdout.write(f"Serving {chosen.directory} at http://{HOST}:{server.port}/ (Ctrl-C ends it)\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return 130
    finally:
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
