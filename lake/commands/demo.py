"""``lake demo``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.messages import listed
from _shared.contracts.run_record import SKIPPED, SUCCEEDED
from lake import exit_codes, local
from lake.aws import executions
from lake.commands.cloud import start_cloud, stop_cloud
from lake.commands.deploy import deploy_datasets
from lake.commands.query import ask, print_answer
from lake.commands.run import follow, start
from lake.context import Context, context_for
from lake.demo.end import DATASET, say_goodbye
from lake.demo.release import Source, checked_archive, own_release, sample
from lake.demo.source_server import served
from lake.errors import InterruptedByUserError, LakeError, UserMistakeError
from lake.run.pipeline import Outcome
from lake.run.report import outcome_document, print_outcome
from lake.targets import TargetChoice, choose_target
from lake.ui import render
from lake.ui.command import local_command
from lake.ui.output import Output
from lake.ui.progress import Activity
from lake.ui.render import styled

QUESTION = "Which kinds of product are on the market, and which have left it?"
SQL = """
SELECT product_type,
       count(*) AS listings,
       count_if(marketing_status = 'ACTIVE') AS active,
       count_if(marketing_status = 'ENDED') AS ended,
       count_if(marketing_status = 'INACTIVATED') AS inactivated,
       count_if(marketing_status = 'NOT_STARTED') AS not_started
FROM nsde
GROUP BY product_type
ORDER BY listings DESC
LIMIT 15
""".strip()


@local_command
def demo(
    output: Output,
    *,
    full: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Run on this NSDE zip archive instead of the sample.")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Delete the local lake first, and start from nothing.")
    ] = False,
) -> None:
    """Show the whole lake on this machine: deploy, run, query, and run again.

    Starts the local cloud, deploys the NSDE pipeline, runs it on a sample release, runs a query in Athena,
    and runs the pipeline again to show that an unchanged source is skipped. Needs neither an AWS account
    nor the Internet. The local cloud keeps running.

    Example: [bold]lake demo --fresh[/bold]
    """
    began = time.monotonic()
    archive = checked_archive(full, fresh=fresh) if full else None
    context = _prepare(output, fresh=fresh)
    config = context.dataset(DATASET)
    source = _source(output, archive)
    _heading(context, "2. Deploy")
    deploy_datasets(context, [config])
    if source.derived:
        refuse_among_other_releases(context, source)
    with served(source) as url:
        first, again = _two_runs(context, config, source, url)
    if output.as_json:
        seconds = time.monotonic() - began
        output.document({"seconds": seconds, "runs": [outcome_document(first), outcome_document(again)]})
        return
    _heading(context, f"Done in {render.duration(time.monotonic() - began)}")
    say_goodbye(output, source, url)


def _prepare(output: Output, *, fresh: bool) -> Context:
    if not output.as_json:
        output.result.rule("1. The local cloud", align="left")
    if fresh:
        _delete(output)
    cloud = start_cloud(output)
    # Ignore an endpoint or account that is set in the user's shell, because the demo forces runs.
    return context_for(output, choose_target(TargetChoice.LOCAL, {}, cloud))


def _delete(output: Output) -> None:
    if local.running_cloud():
        stop_cloud(output)
    with Activity(output, "Deleting the local lake"):
        local.wipe()


def _source(output: Output, archive: Path | None) -> Source:
    if archive is None:
        return sample()
    with Activity(output, "Taking over the release"):
        return own_release(archive)


def _two_runs(context: Context, config: DatasetConfig, source: Source, url: str) -> tuple[Outcome, Outcome]:
    _heading(context, "3. Run the pipeline")
    if source.derived:
        context.output.note(
            "The sample's rows are derived: FDA's NDC Directory of 2019-04-29 in NSDE's shape (domains/nsde/samples)."
        )
    with Activity(context.output, "Looking whether this release is published"):
        force = is_published(context, source, url)
    if force:
        context.output.note(
            "This release is published already, from an earlier demo: run with --force, to show every step again."
        )
    first = _run(context, config, url, SUCCEEDED, force=force)
    _heading(context, f"4. Ask Athena: {QUESTION}")
    _show_answer(context, config)
    _heading(context, "5. Run it again: the source has not changed")
    return first, _run(context, config, url, SKIPPED)


def is_published(context: Context, source: Source, url: str) -> bool:
    """Return whether this release is already published: the same bytes from the same address."""
    manifest = context.records.manifest(DATASET)
    if manifest is None:
        return False
    sha256 = source.sha256()
    states = [state for entry in manifest.publications.values() for state in entry.sources.values()]
    return any(state.sha256 == sha256 and state.url == url for state in states)


def refuse_among_other_releases(context: Context, source: Source) -> None:
    """Stop early if the lake holds a whole release: the small sample would fail its row count check.

    Raises
    ------
    UserMistakeError
        The lake holds a release other than the sample.
    """
    manifest = context.records.manifest(DATASET)
    publications = manifest.publications.values() if manifest else ()
    sha256 = source.sha256()
    others = sorted(
        {entry.version for entry in publications if any(state.sha256 != sha256 for state in entry.sources.values())}
    )
    if others:
        msg = f"the local lake holds other releases of {DATASET} than the sample: {listed(others)}"
        raise UserMistakeError(msg, "keep them and use lake run, or start from nothing with: make demo FRESH=1")


def _run(context: Context, config: DatasetConfig, url: str, expected: str, *, force: bool = False) -> Outcome:
    if not context.output.as_json:
        options = " --force" if force else ""
        context.output.result.print(styled(f"$ lake run {config.dataset} --source-url {url}{options}", "bold"))
    outcome = _follow(context, config, start(context, config, source_url=url, force=force))
    if not context.output.as_json:
        print_outcome(context.output.result, outcome, context.records.bucket)
    if outcome.failed:
        raise typer.Exit(exit_codes.FAILED)
    if outcome.status != expected:
        reason = outcome.record.reason if outcome.record else "it left no record"
        msg = f"the run ended as {outcome.status} where {expected} was expected: {reason}"
        raise LakeError(msg, "start from nothing with: lake demo --fresh")
    return outcome


def _follow(context: Context, config: DatasetConfig, arn: str) -> Outcome:
    try:
        return follow(context, config, arn)
    except InterruptedByUserError as error:
        # The source server ends with the demo, so the run could not succeed.
        executions.stop(context.aws, arn, "the demo was interrupted")
        what = "the demo; its run is stopped, and the local cloud stays up"
        raise InterruptedByUserError(
            what, "see it all with: make demo, or stop the local cloud with: lake down"
        ) from error


def _show_answer(context: Context, config: DatasetConfig) -> None:
    if not context.output.as_json:
        context.output.result.print(styled(SQL, "dim"))
    answer = ask(context, SQL, config.database_name)
    if not context.output.as_json:
        print_answer(context, answer, 15)


def _heading(context: Context, text: str) -> None:
    if not context.output.as_json:
        context.output.result.print()
        context.output.result.rule(text, align="left")
