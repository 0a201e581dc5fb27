"""Which cloud a command talks to, and what a user can name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lake import datasets, exit_codes
from lake.errors import UnreachableError, UserMistakeError
from lake.targets import RunningCloud, TargetChoice, TargetKind, choose_target, parse_choice
from lake.ui.names import suggestion

ELSEWHERE = "http://127.0.0.1:1234"
CLOUD = RunningCloud(
    "http://127.0.0.1:4566", 1, {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "AWS_ACCESS_KEY_ID": "t"}
)


@pytest.mark.parametrize(
    ("choice", "endpoint", "cloud", "expected"),
    [
        (TargetChoice.AUTO, None, None, TargetKind.AWS),
        (TargetChoice.AUTO, None, CLOUD, TargetKind.LOCAL),
        (TargetChoice.AUTO, ELSEWHERE, None, TargetKind.ENDPOINT),
        (TargetChoice.AUTO, ELSEWHERE, CLOUD, TargetKind.ENDPOINT),
        (TargetChoice.AUTO, CLOUD.endpoint + "/", CLOUD, TargetKind.LOCAL),
        (TargetChoice.LOCAL, ELSEWHERE, CLOUD, TargetKind.LOCAL),
        (TargetChoice.AWS, ELSEWHERE, CLOUD, TargetKind.AWS),
    ],
)
def test_the_target_follows_from_choice_environment_and_local_cloud(
    choice: TargetChoice, endpoint: str | None, cloud: RunningCloud | None, expected: TargetKind
) -> None:
    variables = {"AWS_ENDPOINT_URL": endpoint} if endpoint else {}
    assert choose_target(choice, variables, cloud).kind is expected


def test_the_local_cloud_must_be_up_where_it_is_asked_for() -> None:
    with pytest.raises(UnreachableError, match="lake up") as caught:
        choose_target(TargetChoice.LOCAL, {}, None)
    assert caught.value.exit_code == exit_codes.UNAVAILABLE


def test_a_child_process_for_the_local_cloud_gets_its_keys_and_nothing_that_outweighs_them() -> None:
    target = choose_target(TargetChoice.AUTO, {}, CLOUD)
    inherited = {"AWS_PROFILE": "work", "AWS_SESSION_TOKEN": "token", "AWS_ACCESS_KEY_ID": "real", "HOME": "/h"}
    assert target.process_environment(inherited) == {"HOME": "/h", **CLOUD.variables}


def test_a_child_process_for_aws_does_not_inherit_an_endpoint() -> None:
    target = choose_target(TargetChoice.AWS, {"AWS_ENDPOINT_URL": ELSEWHERE}, None)
    assert target.process_environment({"AWS_ENDPOINT_URL": ELSEWHERE, "AWS_PROFILE": "p"}) == {"AWS_PROFILE": "p"}


@pytest.mark.parametrize(("choice", "name"), [(TargetChoice.AWS, "dev"), (TargetChoice.LOCAL, "local")])
def test_each_kind_of_target_has_its_configuration(choice: TargetChoice, name: str) -> None:
    assert choose_target(choice, {}, CLOUD).default_environment == name


def test_an_unknown_target_is_a_users_mistake() -> None:
    with pytest.raises(UserMistakeError, match="auto, local, aws"):
        parse_choice("azure")


@pytest.mark.parametrize("typed", ["nsd", "NSDE", "ndse", "nsdee"])
def test_the_nearest_dataset_is_suggested(typed: str) -> None:
    with pytest.raises(UserMistakeError, match="did you mean nsde"):
        datasets.dataset(typed)


def test_where_nothing_is_near_all_are_listed() -> None:
    assert suggestion("zzzz", ["cder", "nsde"]) == "there are: cder, nsde"
    assert suggestion("zzzz", []) == "there are none yet"


def test_an_unknown_environment_is_a_users_mistake() -> None:
    with pytest.raises(UserMistakeError, match="did you mean prod"):
        datasets.environment("production")


def test_the_database_need_only_be_named_where_there_are_several() -> None:
    assert datasets.database_for([], "other_db") == "other_db"
    one = datasets.dataset("nsde")
    assert datasets.database_for([one], None) == "nsde_db"
    other = replace(one, database_name="more_db")
    with pytest.raises(UserMistakeError, match="--database: more_db, nsde_db"):
        datasets.database_for([one, other], None)


@pytest.mark.parametrize(
    ("sql", "database"),
    [
        ("SELECT * FROM nsde LIMIT 5", "nsde_db"),
        ("select count(*) from CDER_PRODUCT_versions", "cder_db"),
        ("select * from bronze_rxnconso", "rxnorm_db"),
        ("select 1 from nsde n join cder_db.cder_package c on c.ndc11 = n.ndc11", "nsde_db"),
        ("select 1 from nsde_db.nsde n join cder_db.cder_package c on c.ndc11 = n.ndc11", "cder_db"),
    ],
)
def test_a_query_that_names_its_tables_names_its_database(sql: str, database: str) -> None:
    assert datasets.database_for(datasets.datasets(), None, sql) == database


@pytest.mark.parametrize("sql", ["show tables", "select 1 from nsde join cder_package using (ndc11)"])
def test_a_query_that_leaves_its_database_open_is_a_users_mistake(sql: str) -> None:
    with pytest.raises(UserMistakeError, match="--database: cder_db, nsde_db, rxnorm_db"):
        datasets.database_for(datasets.datasets(), None, sql)
