"""What callers may write into the input of an execution or of the trigger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.errors import InvalidInputError
from _shared.contracts.messages import shown
from _shared.contracts.workflow import PipelineInput
from _shared.lambdas.libs.source.http.caller_keys import refuse_key
from _shared.lambdas.libs.source.http.rules import SourceRules
from _shared.lambdas.libs.time_utils import parse_timestamp


class _Key(NamedTuple):
    kind: type
    words: str
    remedy: str
    optional: bool = False


_KEYS = {
    "dataset": _Key(str, "a string", "write the name of this pipeline's dataset"),
    "source_url": _Key(str, "a string", "write the address of a release, or leave it out", optional=True),
    "force": _Key(bool, "true or false", "write it without quotes, or leave it out"),
    "scheduled_at": _Key(str, "a string", "write a time like 2019-04-29T06:30:00Z, or leave it out", optional=True),
}
_INPUT_KEYS = ("dataset", "source_url", "force")
_TRIGGER_KEYS = (*_INPUT_KEYS, "scheduled_at")


def parse_input(document: object, config: DatasetConfig, rules: SourceRules) -> PipelineInput:
    """Check the input of an execution.

    Parameters
    ----------
    config
        The dataset of this state machine.
    rules
        What a ``source_url`` must satisfy.

    Raises
    ------
    InvalidInputError
        It is no JSON object, or a key is unknown, missing, of the wrong type, or names another dataset.
    DisallowedSourceError
        The ``source_url`` is not allowed, or has the key of a licensed source in it.
    """
    given = _object(document, config.dataset)
    if "dataset" not in given:
        msg = "input: dataset is missing"
        raise InvalidInputError(msg, _example(config.dataset))
    return _parse(given, config, rules, _INPUT_KEYS)


def parse_trigger(document: object, config: DatasetConfig, rules: SourceRules) -> tuple[PipelineInput, str | None]:
    """Check the payload of the trigger, in which ``dataset`` may be left out.

    Returns
    -------
    tuple[PipelineInput, str | None]
        The input of the execution, and the time it was scheduled for.

    Raises
    ------
    InvalidInputError, DisallowedSourceError
        As :func:`parse_input`; or ``scheduled_at`` is no time, under which a second start would find the first.
    """
    given = _object(document, config.dataset)
    parsed = _parse({"dataset": config.dataset, **given}, config, rules, _TRIGGER_KEYS)
    scheduled_at = _optional_text(given, "scheduled_at")
    if scheduled_at is not None:
        _check_time(scheduled_at)
    return parsed, scheduled_at


def _object(document: object, dataset: str) -> Mapping[str, object]:
    if not isinstance(document, Mapping):
        msg = f"input: expected a JSON object, found {type(document).__name__}"
        raise InvalidInputError(msg, _example(dataset))
    return document


def _example(dataset: str) -> str:
    return f'write {{"dataset": "{dataset}"}}'


def _parse(
    document: Mapping[str, object], config: DatasetConfig, rules: SourceRules, allowed: tuple[str, ...]
) -> PipelineInput:
    for key, value in document.items():
        _check(key, value, allowed)
    if document["dataset"] != config.dataset:
        found = shown(document["dataset"])
        msg = f"input: dataset: expected {config.dataset!r}, the dataset of this pipeline (found {found})"
        raise InvalidInputError(msg, "start the state machine of that dataset")
    url = _optional_text(document, "source_url")
    if url is not None:
        # First, because what the rules refuse they show.
        refuse_key(url, config.sources)
        rules.check(url)
    return PipelineInput(dataset=config.dataset, source_url=url, force=document.get("force") is True)


def _check(key: str, value: object, allowed: tuple[str, ...]) -> None:
    if key not in allowed:
        msg = f"input: unknown key {shown(key)}"
        raise InvalidInputError(msg, f"the keys are {', '.join(allowed)}")
    expected = _KEYS[key]
    if value is None and expected.optional:
        return
    if not isinstance(value, expected.kind) or value == "":
        msg = f"input: {key}: expected {expected.words} (found {shown(value)})"
        raise InvalidInputError(msg, expected.remedy)


def _check_time(text: str) -> None:
    try:
        parse_timestamp(text)
    except InvalidInputError as error:
        msg = f"input: scheduled_at: expected an ISO 8601 time (found {shown(text)})"
        raise InvalidInputError(msg, _KEYS["scheduled_at"].remedy) from error


def _optional_text(document: Mapping[str, object], key: str) -> str | None:
    value = document.get(key)
    return value if isinstance(value, str) else None
