"""``lake new``."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.markup import escape

from config.environment import environment_names, load_environment
from lake.demo.release import HOST
from lake.demo.source_server import PREFERRED_PORT
from lake.errors import UserMistakeError
from lake.new.delimited import shape_of
from lake.new.folder import NewDataset, check_name, sample_name, write_folder
from lake.new.source_file import is_address, read_source
from lake.project import project_root
from lake.ui import render
from lake.ui.command import local_command
from lake.ui.output import Output


@local_command
def new(  # noqa: PLR0913, PLR0917 - options of the command
    output: Output,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Name of the dataset: lower-case letters and digits, a letter first.")
    ],
    source: Annotated[
        str,
        typer.Option(
            "--from",
            help="A file of the dataset, or its address: delimited text, or a zip archive that has some.",
            metavar="FILE_OR_URL",
        ),
    ],
    url: Annotated[
        str | None,
        typer.Option(
            help="Address that the dataset is fetched from. Default: what --from gives, if that is an address; else "
            "that of the sample on this machine.",
            metavar="URL",
        ),
    ] = None,
    member: Annotated[
        str | None,
        typer.Option(help="Which file of the archive, where it has several.", metavar="PATH"),
    ] = None,
    no_header: Annotated[bool, typer.Option("--no-header", help="The file's first line is a row.")] = False,
) -> None:
    """Write the folder of a new dataset: configuration, transform, sample, test and data dictionary.

    The table has the columns of the file, as text. Example: [bold]lake new unii --from UNII_Names.zip[/bold]
    """
    domains = project_root() / "domains"
    check_name(name, domains)
    if url is not None and not is_address(url):
        msg = f"--url {url}: no address"
        raise UserMistakeError(msg, "give one that begins with https://")
    read = read_source(source, member)
    shape = shape_of(read.head, read.member, whole=read.whole, header=not no_header)
    served = f"http://{HOST}:{PREFERRED_PORT}/{name}/samples/{read.day}/{sample_name(read)}"
    address = url or (source if is_address(source) else served)
    dataset = NewDataset(name, read, shape, address, only_here=address == served)
    write_folder(dataset, domains)
    steps = _next_steps(dataset, served)
    if output.as_json:
        files = sorted(
            path.relative_to(project_root()).as_posix() for path in (domains / name).rglob("*") if path.is_file()
        )
        output.document(
            {
                "dataset": name,
                "files": files,
                "columns": len(shape.headers),
                "sample_rows": shape.records,
                "source_url": address,
                "next": [command for command, _ in steps],
            }
        )
        return
    output.result.print(
        f"domains/{name}: a table of {len(shape.headers)} columns, and a sample of {shape.records:,} rows. Next:"
    )
    output.result.print(render.facts([(f"  {escape(command)}", escape(what)) for command, what in steps]))


def _next_steps(new: NewDataset, served: str) -> list[tuple[str, str]]:
    name = new.name
    steps = [
        (f"python -m pytest domains/{name}", "test it"),
        (f"edit domains/{name}/config/tables/{name}.json", "types, comments, and in grain the columns of the key"),
        (f"edit domains/{name}/transforms.py", "make the rows what the table says; then: make dictionaries"),
    ]
    if new.only_here:
        steps.append(
            (
                f"edit domains/{name}/config/dataset.json",
                "source_url; without environments it is deployed everywhere",
            )
        )
    else:
        steps += _hosts_to_allow(new.url)
    return [
        *steps,
        (f"lake deploy {name}", "deploy it, to the local cloud if that is up"),
        (f"python -m samples.server domains --port {PREFERRED_PORT}", "serve the sample, in another shell"),
        (f"lake run {name}" if new.only_here else f"lake run {name} --source-url {served}", "publish the sample"),
        (f'lake query "SELECT * FROM {name} LIMIT 5"', "look at it"),  # noqa: S608 - a checked name
    ]


def _hosts_to_allow(url: str) -> list[tuple[str, str]]:
    """Return the configuration files of the environments that do not allow the source's host."""
    host = urlsplit(url).hostname or ""
    files = [
        f"config/{name}.json" for name in environment_names() if host not in load_environment(name).allowed_source_hosts
    ]
    return [(f"edit {' '.join(files)}", f"allowed_source_hosts: add {host}")] if files else []
