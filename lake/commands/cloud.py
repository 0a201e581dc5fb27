"""``lake up`` and ``lake down``."""

from __future__ import annotations

from typing import Annotated

import typer

from lake import licence_keys, local
from lake.errors import InterruptedByUserError
from lake.project import shown, state_directory
from lake.targets import RunningCloud
from lake.ui.command import local_command
from lake.ui.output import Output
from lake.ui.progress import Activity

_PORT = typer.Option(min=1, max=65535, help="Port on loopback. Default: the one used last, or a free one.")


@local_command
def up(
    output: Output,
    port: Annotated[int | None, _PORT] = None,
) -> None:
    """Start the local cloud, or print its address if it is running.

    The key of a licensed source, in the variable LAKE_SOURCE_KEY_<DATASET>, is stored in its Secrets Manager
    if config/local.json names a secret for the dataset.

    Example: [bold]lake up[/bold]
    """
    before = local.running_cloud()
    cloud = start_cloud(output, port)
    if output.as_json:
        output.document({"endpoint": cloud.endpoint, "pid": cloud.pid, "started": before is None})
        return
    word = "was already up" if before else "is up"
    output.result.print(f"The local cloud {word} at {cloud.endpoint} (process {cloud.pid}).")
    output.note("Next: lake deploy, or lake status")


def start_cloud(output: Output, port: int | None = None) -> RunningCloud:
    """Start the local cloud, or return the running one.

    Raises
    ------
    InterruptedByUserError
        Ctrl-C: the local cloud that was starting is stopped.
    """
    try:
        with Activity(output, "Starting the local cloud"):
            cloud = local.start_cloud(port)
        licence_keys.store(output, cloud)
    except KeyboardInterrupt as error:
        what = "the local cloud was being started, and is stopped"
        raise InterruptedByUserError(what, "start it with: lake up") from error
    return cloud


@local_command
def down(
    output: Output,
    delete_data: Annotated[
        bool, typer.Option("--delete-data", help="Also delete the local lake: stacks, tables, files, logs.")
    ] = False,
) -> None:
    """Stop the local cloud. Its data is kept, unless --delete-data is given.

    Example: [bold]lake down[/bold]
    """
    cloud = local.running_cloud()
    if cloud:
        stop_cloud(output)
    if delete_data:
        with Activity(output, "Deleting the local lake"):
            local.wipe()
    if output.as_json:
        output.document({"stopped": cloud is not None, "deleted": delete_data})
        return
    said = "The local cloud is down." if cloud else "The local cloud was not running."
    kept = "Its data is deleted." if delete_data else f"Its data stays in {shown(state_directory())}."
    output.result.print(f"{said} {kept}")


def stop_cloud(output: Output) -> None:
    """Stop the local cloud.

    Raises
    ------
    InterruptedByUserError
        Ctrl-C: the local cloud still saves its data and stops.
    """
    try:
        with Activity(output, "Stopping the local cloud"):
            local.stop_cloud()
    except KeyboardInterrupt as error:
        what = "the local cloud saves its data and stops all the same"
        raise InterruptedByUserError(what, "look with: lake status") from error
