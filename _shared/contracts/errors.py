"""Root of the error hierarchy.

A class name is part of the contract: AWS Lambda reports it as ``errorType`` and the state machine's
``Retry`` and ``Catch`` match on it. Subclasses of :class:`TransientError` are retried, subclasses of
:class:`TerminalError` are not.
"""

from __future__ import annotations

from _shared.contracts.messages import LONGEST_MESSAGE, LONGEST_REMEDY, shortened


class MedallionError(Exception):
    """An error of the platform that names what was wrong, where, and what to do.

    Its message stays under 2,000 characters, whatever the source wrote: a longer one is shortened in the middle.

    Parameters
    ----------
    what
        What was wrong, and where: dataset, file, column, line, value.
    remedy
        What the reader can do about it. Empty where nothing but waiting helps.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        self.remedy = shortened(remedy, LONGEST_REMEDY)
        after = f"; {self.remedy}" if remedy else ""
        self.what = shortened(what, LONGEST_MESSAGE - len(after))
        super().__init__(f"{self.what}{after}")

    def __reduce__(self) -> tuple[type[MedallionError], tuple[str, str]]:
        """Pickle by constructor arguments, so that errors survive Spark's worker boundary."""
        return type(self), (self.what, self.remedy)


class TransientError(MedallionError):
    """The same request may succeed later; the state machine retries it."""


class TerminalError(MedallionError):
    """The same request fails again until somebody changes something."""


class ContractError(TerminalError):
    """A JSON document does not have the shape its contract declares."""
