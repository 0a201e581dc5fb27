from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _shared.contracts import naming


@pytest.mark.parametrize(
    ("step", "function", "package"),
    [
        ("FetchAndHash", "nsde-fetch-and-hash", "fetch_and_hash"),
        ("UpdateManifest", "nsde-update-manifest", "update_manifest"),
        ("RecordFailure", "nsde-record-failure", "record_failure"),
        ("Trigger", "nsde-trigger", "trigger"),
    ],
)
def test_functions_are_named_after_their_step(step: str, function: str, package: str) -> None:
    assert naming.function("local", "nsde", step) == function
    assert naming.function("prod", "nsde", step) == f"prod-{function}"
    assert naming.function_package(step) == package


@given(st.lists(st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True), min_size=1, max_size=4))
def test_words_of_a_name_are_those_it_was_made_of(words: list[str]) -> None:
    assert naming.words("".join(word.capitalize() for word in words)) == words


def test_jobs_are_named_after_their_layer() -> None:
    assert [naming.job_step(layer) for layer in ("bronze", "silver")] == ["BronzeJob", "SilverJob"]
