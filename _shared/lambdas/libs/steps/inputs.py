"""Validate the input of an execution and the payload of the trigger function."""

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
    """Validate the input of an execution.

    Parameters
    ----------
    config
        Configuration of the state machine's dataset.
    rules
        Rules for ``source_url``.

    Raises
    ------
    InvalidInputError
        The input is not a JSON object, a key is unknown, missing or of the wrong type, or the dataset is another one.
    DisallowedSourceError
        The ``source_url`` is not allowed or contains the key of a licensed source.
    """
    given = _object(document, config.dataset)
    if "dataset" not in given:
        msg = "input: dataset is missing"
        raise InvalidInputError(msg, _example(config.dataset))
    return _parse(given, config, rules, _INPUT_KEYS)


def parse_trigger(document: object, config: DatasetConfig, rules: SourceRules) -> tuple[PipelineInput, str | None]:
    """Validate the payload of the trigger function, in which ``dataset`` is optional.

    Returns
    -------
    tuple[PipelineInput, str | None]
        The input of the execution, and the scheduled time.

    Raises
    ------
    InvalidInputError, DisallowedSourceError
        As for :func:`parse_input`; or ``scheduled_at``, which becomes part of the execution's name, is not a time.
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
        # Check for a key first, because error messages of the rules show the URL.
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
