"""Which publications readers see: the policy, and what must hold of it whatever is published in whatever order."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _shared.contracts.errors import ContractError
from _shared.contracts.manifest import Manifest, Pin, Publication
from _shared.contracts.publications import (
    CURRENT,
    SUPERSEDED,
    VERSION,
    current,
    latest_of_each_version,
    preceding,
    published_as,
    release_order,
    shown_of_each_version,
    with_publication,
)


def entry(version: str, run_id: str) -> Publication:
    return Publication(version, run_id, "t", {}, "f")


def manifest(*entries: Publication) -> Manifest:
    return reduce(lambda made, one: with_publication(made, "pills", one), entries, Manifest("pills", ""))


def pinned(made: Manifest, run_id: str) -> Manifest:
    return replace(made, pin=Pin(run_id, "somebody", "2026-03-02T06:31:00Z", "the newest is wrong"))


OLD, NEW, AGAIN = (
    entry("2019-04-29", "20260302-a"),
    entry("2026-03-01", "20260301-b"),
    entry("2026-03-01", "20260303-c"),
)
THREE = manifest(OLD, NEW, AGAIN)


def test_the_latest_run_of_the_newest_release_is_current() -> None:
    assert current(THREE) == AGAIN
    assert THREE.current == AGAIN.run_id
    assert shown_of_each_version(THREE) == {"2019-04-29": OLD, "2026-03-01": AGAIN}
    assert [published_as(THREE, one.run_id) for one in (OLD, NEW, AGAIN)] == [VERSION, SUPERSEDED, CURRENT]


def test_a_pin_holds_until_it_is_taken_away() -> None:
    held = pinned(THREE, NEW.run_id)
    assert current(held) == NEW
    assert shown_of_each_version(held) == {"2019-04-29": OLD, "2026-03-01": NEW}
    assert latest_of_each_version(held)["2026-03-01"] == AGAIN
    later = with_publication(held, "pills", entry("2027-01-01", "20270101-d"))
    assert (later.current, published_as(later, "20270101-d")) == (NEW.run_id, VERSION)
    assert current(replace(later, pin=None)).run_id == "20270101-d"


@pytest.mark.parametrize(
    ("broken", "told"), [(pinned(THREE, "gone"), "run gone is pinned"), (Manifest("pills", "r"), "has no publication")]
)
def test_a_manifest_that_names_nothing_is_told(broken: Manifest, told: str) -> None:
    with pytest.raises(ContractError, match=told):
        current(broken)


entries = st.lists(
    st.builds(entry, st.sampled_from(["2019", "2020", "2021"]), st.sampled_from([str(n) for n in range(8)])),
    min_size=1,
    unique_by=lambda one: one.run_id,
)


@given(entries, st.randoms(use_true_random=False))
def test_what_readers_see_does_not_depend_on_the_order_in_which_runs_end(
    published: list[Publication], random: Random
) -> None:
    shuffled = list(published)
    random.shuffle(shuffled)
    one, other = manifest(*published), manifest(*shuffled)
    assert (current(one), shown_of_each_version(one)) == (current(other), shown_of_each_version(other))


@given(entries)
def test_readers_are_never_taken_back(published: list[Publication]) -> None:
    made = Manifest("pills", "")
    seen: list[Publication] = []
    for one in published:
        made = with_publication(made, "pills", one)
        seen.append(current(made))
    assert [release_order(one) for one in seen] == sorted(release_order(one) for one in seen)
    assert set(made.publications) == {one.run_id for one in published}


@given(entries)
def test_a_run_publishes_once(published: list[Publication]) -> None:
    made = manifest(*published)
    again = with_publication(made, "pills", replace(published[0], published_at="later"))
    assert again is made


@given(entries)
def test_releases_are_compared_along_one_line(published: list[Publication]) -> None:
    made = manifest(*published)
    line = sorted(published, key=release_order)
    before = [preceding(made, one.version, one.run_id) for one in line]
    assert before == [None, *line[:-1]]
