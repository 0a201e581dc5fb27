"""Start, find and stop the local cloud: one detached process that listens on one loopback port."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from local_cloud.access.gate import HEALTH_PATH
from local_cloud.environment import ACCOUNT, HOST, REGION, client_environment, emulator_environment
from local_cloud.errors import LocalCloudError
from local_cloud.state.directory import RootKey, make_keys, prepare, root_key

DEFAULT_STATE_DIRECTORY = Path(".lake")
START_SECONDS = 60.0
STOP_SECONDS = 30.0
LOG_TAIL_LINES = 20
_POLL_SECONDS = 0.1
_PROJECT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Cloud:
    """A running local cloud.

    Parameters
    ----------
    endpoint
        Address of every AWS API, without a trailing slash.
    pid
        The emulator's process id.
    root
        Access key of the account's root.
    """

    endpoint: str
    pid: int
    port: int
    root: RootKey
    account: str = ACCOUNT
    region: str = REGION

    def environment(self) -> dict[str, str]:
        """Return the variables that point AWS SDKs and the CDK command line at this cloud, as the account's root."""
        return client_environment(self.endpoint, self.root)


def start(state_directory: Path = DEFAULT_STATE_DIRECTORY, port: int | None = None) -> Cloud:
    """Start the local cloud, or return the one that already runs on this state directory.

    Parameters
    ----------
    state_directory
        Directory of its state, its address (``cloud.json``) and its log (``cloud.log``). Created if missing.
    port
        Loopback port. The default is the port of the last start, so that addresses stay the same, or any free port if
        that one is taken.

    Raises
    ------
    LocalCloudError
        It runs on another port, the port is taken, or the emulator ended or did not answer. The message includes the
        end of the log.
    """
    state_directory = state_directory.resolve()
    running = status(state_directory)
    if running is not None:
        if port is not None and running.port != port:
            what = f"the local cloud of {state_directory} already runs on port {running.port}, not {port}"
            raise LocalCloudError(what, "stop it first, or leave the port out")
        return running
    prepare(state_directory)
    chosen = _choose_port(state_directory, port)
    process: subprocess.Popen[bytes] | None = None
    try:
        with _interrupts_held():
            process = _launch(state_directory, chosen)
        _wait_until_healthy(chosen, process, state_directory)
    except BaseException:  # Ctrl-C included: no process is left behind that nobody waits for
        if process is not None:
            process.terminate()
            process.wait()
        raise
    return _cloud(_Place(process.pid, chosen), state_directory)


def status(state_directory: Path = DEFAULT_STATE_DIRECTORY) -> Cloud | None:
    """Return the local cloud that runs on this state directory, or ``None``."""
    recorded = _recorded(state_directory)
    if recorded is None or not _is_locked(state_directory) or not _answers(recorded.port):
        return None
    return _cloud(recorded, state_directory)


def stop(state_directory: Path = DEFAULT_STATE_DIRECTORY) -> None:
    """Stop the local cloud after it has saved its state. Does nothing if none is running.

    Raises
    ------
    LocalCloudError
        It did not stop in time.
    """
    recorded = _recorded(state_directory)
    if recorded is None or not _is_locked(state_directory):
        return
    os.kill(recorded.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while _is_locked(state_directory):
        if time.monotonic() > deadline:
            what = f"the local cloud (process {recorded.pid}) did not stop within {STOP_SECONDS:.0f} s"
            raise LocalCloudError(what, f"see {_log(state_directory)}, then end the process yourself")
        _reap(recorded.pid)
        time.sleep(_POLL_SECONDS)
    _reap(recorded.pid)


def claim(state_directory: Path, port: int) -> Cloud:
    """Lock the state directory for this process, the emulator, and create missing keys.

    Raises
    ------
    LocalCloudError
        Another local cloud uses the directory, or a key cannot be read.
    """
    _hold_lock(state_directory)
    make_keys(state_directory)
    here = _Place(os.getpid(), port)
    _record(state_directory).write_text(json.dumps(asdict(here)) + "\n", "utf-8")
    return _cloud(here, state_directory)


@dataclass(frozen=True)
class _Place:
    """Process and port of a local cloud, as recorded in ``cloud.json``."""

    pid: int
    port: int


def _cloud(place: _Place, state_directory: Path) -> Cloud:
    return Cloud(_endpoint(place.port), place.pid, place.port, root_key(state_directory))


def _endpoint(port: int) -> str:
    return f"http://{HOST}:{port}"


def _hold_lock(state_directory: Path) -> int:
    """Take the lock and return its descriptor. The kernel releases it when this process ends."""
    lock = os.open(state_directory / "cloud.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        what = f"another local cloud uses {state_directory}"
        raise LocalCloudError(what, "stop that one first") from error
    return lock


def _is_locked(state_directory: Path) -> bool:
    if not (state_directory / "cloud.lock").is_file():
        return False
    try:
        os.close(_hold_lock(state_directory))
    except LocalCloudError:
        return True
    return False


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Delay Ctrl-C until the block has ended: an interrupted launch would leave a process that no record names."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: received.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if received:
        raise KeyboardInterrupt


def _launch(state_directory: Path, port: int) -> subprocess.Popen[bytes]:
    with open(_log(state_directory), "ab", opener=_private) as log:
        return subprocess.Popen(
            [sys.executable, "-m", "local_cloud"],
            cwd=_PROJECT,
            env=emulator_environment(state_directory, port),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _private(file: str, flags: int) -> int:
    return os.open(file, flags, 0o600)


def _wait_until_healthy(port: int, process: subprocess.Popen[bytes], state_directory: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(port):
        ended = process.poll()
        if ended is not None:
            what = f"the local cloud ended while starting (exit code {ended}):\n{_log_tail(state_directory)}"
            raise LocalCloudError(what, f"the whole log is {_log(state_directory)}")
        if time.monotonic() > deadline:
            what = f"the local cloud did not answer within {START_SECONDS:.0f} s:\n{_log_tail(state_directory)}"
            raise LocalCloudError(what, f"the whole log is {_log(state_directory)}")
        time.sleep(_POLL_SECONDS)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"{_endpoint(port)}{HEALTH_PATH}", timeout=5) as answer:  # noqa: S310 - loopback
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP
    except (urllib.error.URLError, OSError):
        return False


def _choose_port(state_directory: Path, port: int | None) -> int:
    recorded = _recorded(state_directory)
    wanted = port if port is not None else recorded.port if recorded else 0
    with contextlib.suppress(OSError):
        return _bindable(wanted)
    if port is not None:
        what = f"port {port} on {HOST} is in use"
        raise LocalCloudError(what, "choose another, or leave the port out")
    return _bindable(0)


def _bindable(port: int) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, port))
        return int(probe.getsockname()[1])


def _recorded(state_directory: Path) -> _Place | None:
    try:
        written = json.loads(_record(state_directory).read_text("utf-8"))
        return _Place(written["pid"], written["port"])
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None


def _reap(pid: int) -> None:
    """Wait for the process if it is our child, so that it does not stay a zombie."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _log_tail(state_directory: Path) -> str:
    lines = _log(state_directory).read_text("utf-8", errors="replace").splitlines()
    return "\n".join(lines[-LOG_TAIL_LINES:])


def _record(state_directory: Path) -> Path:
    return state_directory / "cloud.json"


def _log(state_directory: Path) -> Path:
    return state_directory / "cloud.log"
