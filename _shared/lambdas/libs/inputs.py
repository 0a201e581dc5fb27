"""What callers may write into the input of an execution or of the trigger."""

from __future__ import annotations

from collections.abc import Mapping

from _shared.contracts.workflow import PipelineInput
from _shared.lambdas.libs.errors import InvalidInputError
from _shared.lambdas.libs.source_rules import SourceRules

_EXPECTED = {
    "dataset": (str, "a string"),
    "source_url": (str, "a string"),
    "force": (bool, "true or false"),
    "scheduled_at": (str, "a string"),
}
_OPTIONAL_AS_NULL = frozenset({"source_url", "scheduled_at"})
_INPUT_KEYS = ("dataset", "source_url", "force")
_TRIGGER_KEYS = (*_INPUT_KEYS, "scheduled_at")


def parse_input(document: object, dataset: str, rules: SourceRules) -> PipelineInput:
    """Check the input of an execution.

    Parameters
    ----------
    dataset
        The dataset of this state machine.
    rules
        What a ``source_url`` must satisfy.

    Raises
    ------
    InvalidInputError
        It is no JSON object, or a key is unknown, missing, of the wrong type, or names another dataset.
    DisallowedSourceError
        The ``source_url`` is not allowed.
    """
    given = _object(document)
    if "dataset" not in given:
        msg = "input: dataset is missing"
        raise InvalidInputError(msg, f'write {{"dataset": "{dataset}"}}')
    return _parse(given, dataset, rules, _INPUT_KEYS)


def parse_trigger(document: object, dataset: str, rules: SourceRules) -> tuple[PipelineInput, str | None]:
    """Check the payload of the trigger, in which ``dataset`` may be left out.

    Returns
    -------
    tuple[PipelineInput, str | None]
        The input of the execution, and the time it was scheduled for.
    """
    given = _object(document)
    parsed = _parse({"dataset": dataset, **given}, dataset, rules, _TRIGGER_KEYS)
    return parsed, _optional_text(given, "scheduled_at")


def _object(document: object) -> Mapping[str, object]:
    if not isinstance(document, Mapping):
        msg = f"input: expected a JSON object, found {type(document).__name__}"
        raise InvalidInputError(msg)
    return document


def _parse(document: Mapping[str, object], dataset: str, rules: SourceRules, allowed: tuple[str, ...]) -> PipelineInput:
    for key, value in document.items():
        _check(key, value, allowed)
    if document["dataset"] != dataset:
        msg = f"input: dataset: expected {dataset!r}, the dataset of this pipeline (found {document['dataset']!r})"
        raise InvalidInputError(msg, "start the state machine of that dataset")
    url = _optional_text(document, "source_url")
    if url is not None:
        rules.check(url)
    return PipelineInput(dataset=dataset, source_url=url, force=document.get("force") is True)


def _check(key: str, value: object, allowed: tuple[str, ...]) -> None:
    if key not in allowed:
        msg = f"input: unknown key {key!r}"
        raise InvalidInputError(msg, f"the keys are {', '.join(allowed)}")
    kind, words = _EXPECTED[key]
    if value is None and key in _OPTIONAL_AS_NULL:
        return
    if not isinstance(value, kind) or value == "":
        msg = f"input: {key}: expected {words} (found {value!r})"
        raise InvalidInputError(msg)


def _optional_text(document: Mapping[str, object], key: str) -> str | None:
    value = document.get(key)
    return value if isinstance(value, str) else None
