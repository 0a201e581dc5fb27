"""Save the state periodically, so that a process that is killed loses only its last seconds.

MiniStack itself saves only when it stops. In both cases each file is replaced atomically.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

from local_cloud import seams

SAVE_SECONDS = 5.0
"""Time between two saves while there are requests."""
_logger = logging.getLogger("local_cloud.state.saving")
_requested, _saving, _ended = threading.Event(), threading.Lock(), threading.Event()


def install() -> None:
    """Save every few seconds if there were requests, until the emulator's final save."""
    pin_request_origin, save_all = seams.PIN_REQUEST_ORIGIN.value, seams.SAVE_ALL.value

    def note_request(*origin: Any) -> None:
        _requested.set()
        pin_request_origin(*origin)

    def save_for_the_last_time(services: dict[str, Any]) -> None:
        with _saving:
            _ended.set()
            save_all(services)

    seams.PIN_REQUEST_ORIGIN.replace(note_request)
    seams.SAVE_ALL.replace(save_for_the_last_time)
    # MiniStack would log one line for each service at each save.
    logging.getLogger("persistence").setLevel(logging.WARNING)
    threading.Thread(target=_save_now_and_then, daemon=True).start()


def save() -> None:
    """Save the state of every service that has any. A service that changes during the save is saved next time."""
    with _saving:
        if _ended.is_set():
            return
        for name, get_state in seams.STATE_TO_SAVE.value().items():
            try:
                state = get_state()
            except RuntimeError:
                _requested.set()
                continue
            if state is not None:
                seams.SAVE_STATE.value(name, state)


def _save_now_and_then() -> None:
    while not _ended.wait(SAVE_SECONDS):
        if _requested.is_set():
            _requested.clear()
            try:
                save()
            except Exception:  # the next save may succeed; the emulator continues
                _logger.exception("the state was not saved")
