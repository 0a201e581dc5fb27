"""Every permission of every role of the pipeline is needed: each is taken away in turn, and something fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.e2e.conftest import Lake
from tests.e2e.faults import dead_letter
from tests.e2e.grants import Grant, Policies, role_holders
from tests.e2e.permission_exceptions import EXCEPTIONS, Exempt, exemption
from tests.e2e.permission_functions import RECORD_FAILURE, TRIGGER, Recording, trigger_missed
from tests.e2e.permission_needs import Needs
from tests.e2e.permission_walk import Outcome, Walk
from tests.e2e.releases import write_release
from tests.e2e.several_sources import CDER, RXNORM, members, write
from tests.exhaustive import some_of

pytestmark = pytest.mark.permissions
MACHINE = "orchestrator"
STEPS = {
    "FetchAndHash": ("fetch-and-hash",),
    "BronzeJob": ("bronze-job",),
    "CrawlBronze": ("crawl-bronze", "bronze-crawler"),
    "SilverJob": ("silver-job", "retry-job"),
    "UpdateManifest": ("update-manifest",),
}
"""Who acts in each step, beside the state machine."""
MACHINE_ACTIONS = {
    "lambda:InvokeFunction": "FetchAndHash",
    "glue:StartJobRun": "BronzeJob",
    "glue:GetJobRun": "BronzeJob",
    "glue:GetCrawler": "CrawlBronze",
}
"""The step that shows each action of the state machine first."""
JOBS = ("bronze-job", "silver-job")
RELEASE, ROWS = "2019-05-02", 40
DATASETS = ("nsde", *some_of(("cder", "rxnorm")))
"""Their roles come from the same code: one of the larger two is walked, or both with ``--exhaustive``."""


@dataclass
class Walked:
    """The permissions, and what the walk found about those that have no exception."""

    dataset: str
    grants: list[Grant]
    outcomes: list[Outcome] = field(default_factory=list)
    ended: dict[str, Any] = field(default_factory=dict)
    skipped: dict[str, Any] = field(default_factory=dict)


def single(policies: Policies) -> list[Grant]:
    """Every grant, one for each action."""
    return [one for grant in policies.grants for one in grant.split()]


def needed(policies: Policies, dataset: str, role: str) -> list[Grant]:
    """What one holder has without an exception: by statement for jobs, which are slow, by action for the rest."""
    found, holder = [], f"{dataset}-{role}"
    for grant in policies.grants:
        actions = tuple(one.actions[0] for one in grant.split() if exemption(one) is None)
        if grant.holder == holder and actions:
            whole = grant.only(*actions)
            found += [whole] if role in JOBS else whole.split()
    # To delete is the last that a step does, after which there is nothing left to fail.
    return sorted(found, key=lambda grant: grant.actions == ("s3:DeleteObject",))


ONLY_TO_SKIP = {("glue:GetTables",), ("s3:DeleteObject",)}
"""What FetchAndHash needs where there is nothing to do: it looks at the catalog, and gives its lease back."""


def at(policies: Policies, dataset: str, step: str) -> list[Grant]:
    """What a step needs, of the state machine and of who acts for it."""
    machine = [grant for grant in needed(policies, dataset, MACHINE) if MACHINE_ACTIONS[grant.actions[0]] == step]
    return machine + [grant for role in STEPS[step] for grant in needed(policies, dataset, role)]


def walk_through(lake: Lake, version: str, policies: Policies, walk: Walk, walked: Walked) -> None:
    """Go through all steps; before the last, through what the function needs that records a failure."""
    needs, events, dataset = Needs(lake, version), lake.cloud.client("events"), lake.dataset
    by_action, rule = needs.by_action(), f"{dataset}-failed-runs"
    lake.forget()
    fetching = at(policies, dataset, "FetchAndHash")
    processing = [one for one in fetching if one.actions not in ONLY_TO_SKIP]
    walked.outcomes += walk.missed("FetchAndHash", processing, by_action)
    for step in ("BronzeJob", "CrawlBronze", "SilverJob"):
        walked.outcomes += walk.missed(step, at(policies, dataset, step), by_action)
    first, *publishing = at(policies, dataset, "UpdateManifest")
    events.enable_rule(Name=rule)
    walked.outcomes += walk.missed("UpdateManifest", [first], by_action)
    recording = Recording(lake, dead_letter(lake, walk.execution))
    events.disable_rule(Name=rule)
    walked.outcomes += recording.missed(policies, needed(policies, dataset, RECORD_FAILURE))
    walked.outcomes += walk.missed("UpdateManifest", publishing, by_action)
    walked.ended = walk.go_on()
    skipping = [one for one in fetching if one.actions in ONLY_TO_SKIP]
    walked.outcomes += walk.missed("FetchAndHash", skipping, by_action, force=False)
    walked.skipped = walk.go_on(force=False)
    walked.outcomes += trigger_missed(lake, policies, needed(policies, dataset, TRIGGER))


def release_of(lake: Lake) -> tuple[str, str]:
    """Write a small release of the dataset; return its version and address."""
    root = lake.source_directory
    if lake.dataset == "cder":
        for file, day in (("ndctext.zip", "2019-04-29"), ("ndc_unfinished.zip", "2018-06-25")):
            write(root / "cder" / "walk" / file, members(CDER / file), day)
        return "2019-04-29", f"{lake.sources}/cder/walk/"
    if lake.dataset == "rxnorm":
        write(root / "rxnorm" / "walk" / RXNORM.name, members(RXNORM), "2026-09-10")
        return "2026-09-08", f"{lake.sources}/rxnorm/walk/{RXNORM.name}"
    path = write_release(root, RELEASE, most_rows=ROWS)
    return RELEASE, f"{lake.sources}/nsde/{RELEASE}/{path.name}"


@pytest.fixture(scope="module", params=DATASETS)
def walked(request: pytest.FixtureRequest, lake: Lake) -> Walked:
    """Walk with everything missing all the time that has an exception."""
    dataset = str(request.param)
    if dataset != lake.dataset:
        lake = lake.with_dataset(dataset)
    policies = Policies(lake.cloud.client("iam"), role_holders(lake.cloud, dataset))
    version, address = release_of(lake)
    walk = Walk(lake, policies, address)
    walked, events, rule = Walked(dataset, single(policies)), lake.cloud.client("events"), f"{dataset}-failed-runs"
    events.disable_rule(Name=rule)
    with policies.without(*(grant for grant in walked.grants if exemption(grant))):
        walk_through(lake, version, policies, walk, walked)
    events.enable_rule(Name=rule)
    print(*walked.outcomes, sep="\n")
    return walked


@pytest.mark.timeout(1800)
def test_something_fails_without_each_permission(walked: Walked) -> None:
    assert [str(outcome) for outcome in walked.outcomes if not outcome.told] == []


def test_each_permission_was_taken_away_or_has_an_exception(walked: Walked) -> None:
    taken = [one for outcome in walked.outcomes for one in outcome.grant.split()]
    excepted = [grant for grant in walked.grants if exemption(grant)]
    assert len(taken) == len(set(taken))
    assert set(taken) | set(excepted) == set(walked.grants)


def test_nothing_with_an_exception_was_missed(walked: Walked) -> None:
    assert (walked.ended["status"], walked.skipped["status"]) == ("SUCCEEDED", "SUCCEEDED"), walked.ended


@pytest.mark.parametrize("exempt", EXCEPTIONS, ids=lambda exempt: f"{exempt.holder} {exempt.actions[0]}")
def test_each_exception_is_of_a_permission_that_exists(walked: Walked, exempt: Exempt) -> None:
    of_this_dataset = exempt.holder.startswith(("*", walked.dataset))
    assert any(exempt is exemption(grant) for grant in walked.grants) == of_this_dataset
    assert len(exempt.reason.split()) > 5
