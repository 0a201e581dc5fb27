"""The CDK app: one Base stack, and one Orchestrator stack for each folder under ``domains/``.

With the context key ``delivery`` it is the delivery pipeline, which deploys these stacks.
"""

from __future__ import annotations

import sys

import aws_cdk as cdk

from _shared.contracts.errors import TerminalError
from stacks.assembly import assemble, assemble_delivery

DEFAULT_ENVIRONMENT = "dev"


def main() -> None:
    """Synthesize the stacks of the environment in the context key ``env``."""
    app = cdk.App()
    try:
        delivery = app.node.try_get_context("delivery")
        if delivery:
            assemble_delivery(app, delivery)
        else:
            assemble(app, app.node.try_get_context("env") or DEFAULT_ENVIRONMENT)
    except TerminalError as error:
        sys.exit(f"error: {error}")
    app.synth()


if __name__ == "__main__":
    main()
