"""Settings of the delivery pipeline: the key ``delivery`` in the context of ``cdk.json``. Without it there is none."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from config.errors import ConfigError, describe

_FILE = "cdk.json"


class Delivery(BaseModel):
    """Where the code is, where the pipeline lives, and where it deploys to.

    Parameters
    ----------
    account, region
        Account and region of the pipeline itself. The environments' accounts must trust it (``cdk bootstrap --trust``).
    repository, branch
        Repository as ``owner/name``.
    connection_arn
        Connection of AWS CodeConnections to the repository's host.
    first, last
        The environment that is deployed and smoke-tested first, and the one that is deployed after an approval.
    smoke
        Dataset of the smoke test.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    account: Annotated[str, Field(pattern=r"^\d{12}$")]
    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
    repository: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")]
    branch: str = "main"
    connection_arn: Annotated[str, Field(pattern=r"^arn:aws[\w-]*:(codeconnections|codestar-connections):")]
    first: str = "dev"
    last: str = "prod"
    smoke: str = "nsde"


def read_delivery(context: Any) -> Delivery:  # noqa: ANN401 - parsed JSON, which pydantic checks
    """Validate the value of the context key.

    Raises
    ------
    ConfigError
        A setting is missing, unknown or wrong.
    """
    try:
        return Delivery.model_validate(context)
    except ValidationError as error:
        raise ConfigError(describe(f"{_FILE}: context.delivery", error), "docs/delivery.md shows the keys") from error
