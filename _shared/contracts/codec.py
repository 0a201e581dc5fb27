"""Encode contracts as JSON and decode JSON as contracts, checking every field on the way in."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import dacite

from _shared.contracts.errors import ContractError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Contract = TypeVar("Contract", bound=DataclassInstance)
else:
    Contract = TypeVar("Contract")

_STRICT = dacite.Config(strict=True, cast=[tuple])


def decode(contract: type[Contract], document: object, where: str) -> Contract:
    """Build a contract from parsed JSON.

    A contract that has been another one before has ``upgrade``, which turns its earlier documents into today's.

    Parameters
    ----------
    contract
        The dataclass to build.
    document
        Parsed JSON.
    where
        Where the document came from, for the error message: an S3 address or an event name.

    Raises
    ------
    ContractError
        The document is no JSON object, lacks a field, has an unknown one, or one of the wrong type.
    """
    if not isinstance(document, dict):
        msg = f"{where}: expected a JSON object of type {contract.__name__}, found {type(document).__name__}"
        raise ContractError(msg)
    upgrade: Callable[[dict[str, Any]], dict[str, Any]] | None = getattr(contract, "upgrade", None)
    try:
        return dacite.from_dict(contract, upgrade(document) if upgrade else document, config=_STRICT)
    except dacite.DaciteError as error:
        msg = f"{where}: not a valid {contract.__name__}: {error}"
        raise ContractError(msg) from error
    except ValueError as error:
        msg = f"{where}: not a valid {contract.__name__}: {error}"
        raise ContractError(msg) from error


def decode_text(contract: type[Contract], text: str | bytes, where: str) -> Contract:
    """Parse JSON text, then :func:`decode` it."""
    try:
        document = json.loads(text)
    except (ValueError, UnicodeDecodeError) as error:
        msg = f"{where}: not valid JSON: {error}"
        raise ContractError(msg) from error
    return decode(contract, document, where)


def encode(contract: DataclassInstance) -> dict[str, Any]:
    """Return the contract as JSON-ready built-in types."""
    if not is_dataclass(contract):
        msg = f"{type(contract).__name__} is no contract"
        raise ContractError(msg)
    document: dict[str, Any] = json.loads(json.dumps(asdict(contract)))
    return document


def encode_text(contract: DataclassInstance) -> str:
    """Return the contract as stable, human-readable JSON text."""
    return json.dumps(encode(contract), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
