"""Encode contracts as JSON, and decode JSON into contracts with a check of every field."""

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

    If the contract defines ``upgrade``, documents in an earlier format are converted to the current one first.

    Parameters
    ----------
    contract
        The dataclass to build.
    document
        Parsed JSON.
    where
        Origin of the document, for the error message: an S3 address or an event name.

    Raises
    ------
    ContractError
        The document is not a JSON object, or a field is missing, unknown or of the wrong type.
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
    """Parse JSON text and :func:`decode` the result."""
    try:
        document = json.loads(text)
    except (ValueError, UnicodeDecodeError) as error:
        msg = f"{where}: not valid JSON: {error}"
        raise ContractError(msg) from error
    return decode(contract, document, where)


def encode(contract: DataclassInstance) -> dict[str, Any]:
    """Convert the contract to built-in types that JSON can represent."""
    if not is_dataclass(contract):
        msg = f"{type(contract).__name__} is not a contract"
        raise ContractError(msg)
    document: dict[str, Any] = json.loads(json.dumps(asdict(contract)))
    return document


def encode_text(contract: DataclassInstance) -> str:
    """Convert the contract to indented JSON text with sorted keys."""
    return json.dumps(encode(contract), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
