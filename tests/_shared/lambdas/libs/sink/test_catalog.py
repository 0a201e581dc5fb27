"""The catalog follows the manifest: whatever it has, afterwards it has what the manifest says, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import MagicMock

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from _shared.contracts.dataset import SilverColumn, SilverTable
from _shared.contracts.errors import CatalogBusyError, CatalogRejectedError, ManifestConflictError, MedallionError
from _shared.contracts.layout import silver_prefix
from _shared.contracts.manifest import Manifest, Pin, Publication
from _shared.contracts.publications import current, shown_of_each_version
from _shared.lambdas.libs.aws.catalog import Catalog
from _shared.lambdas.libs.run.manifest import load, save
from _shared.lambdas.libs.sink.catalog import Followed, follow_manifest, reconcile
from _shared.lambdas.libs.sink.table_inputs import PublishedTable, current_table, version_partition
from _shared.lambdas.libs.sink.wanted_tables import Declarations, differences
from tests._shared.lambdas.support import BUCKET, glue_client, lake, manifest_of

CODE = "f" * 64
COLUMN = SilverColumn("code", "string", "Code")
TABLES = tuple(SilverTable(name, "Rows", ("code",), (COLUMN,)) for name in ("pill", "part", "extra"))
DECLARED = Declarations(TABLES, CODE)


def publication(version: str, run_id: str, names: tuple[str, ...] = ("pill", "part", "extra")) -> Publication:
    locations = {name: f"s3://{BUCKET}/{silver_prefix(name, version, run_id)}" for name in names}
    return Publication(version, run_id, "t", {}, CODE, locations, dict.fromkeys(names, 3))


FIRST = publication("2026-03-01", "1")
SECOND = publication("2026-03-02", "2")
WITHOUT_EXTRA = publication("2026-03-03", "3", ("pill", "part"))


@pytest.fixture(name="glue")
def fixture_glue() -> Iterator[Any]:
    with lake():
        yield database()


def database() -> Any:
    client = glue_client()
    client.create_database(DatabaseInput={"Name": "pills_db"})
    return client


def shown(glue: Any) -> dict[str, Any]:
    """What readers see: the location of each table, and of each partition."""
    catalog, seen = Catalog(glue, "pills_db"), dict[str, Any]()
    for name, table in catalog.tables().items():
        seen[name] = table["StorageDescriptor"]["Location"]
        if table["PartitionKeys"]:
            found = catalog.partitions(name).items()
            seen[name] = {key[0]: partition["StorageDescriptor"]["Location"] for key, partition in found}
    return seen


def expected(manifest: Manifest) -> dict[str, Any]:
    """What readers must see, said once more by hand."""
    seen: dict[str, Any] = dict(current(manifest).locations)
    for version, entry in shown_of_each_version(manifest).items():
        for name, location in entry.locations.items():
            seen.setdefault(f"{name}_versions", {})[version] = location
    return seen


def test_a_table_that_the_current_release_lacks_is_no_current_table(glue: Any) -> None:
    catalog = Catalog(glue, "pills_db")
    reconcile(manifest_of(FIRST), DECLARED, catalog)
    assert shown(glue) == expected(manifest_of(FIRST))
    reconcile(manifest_of(FIRST, WITHOUT_EXTRA), DECLARED, catalog)
    assert "extra" not in shown(glue)
    assert list(shown(glue)["extra_versions"]) == ["2026-03-01"]


def test_a_table_that_an_older_release_lacks_stays_the_current_one(glue: Any) -> None:
    older = publication("2019-04-29", "9", ("pill",))
    reconcile(manifest_of(FIRST, older), DECLARED, Catalog(glue, "pills_db"))
    assert shown(glue)["extra"] == FIRST.locations["extra"]


def test_tables_are_switched_after_all_partitions_and_before_any_is_dropped(glue: Any) -> None:
    catalog = Catalog(glue, "pills_db")
    reconcile(manifest_of(FIRST), DECLARED, catalog)
    calls = MagicMock(wraps=glue)
    calls.get_paginator = glue.get_paginator
    reconcile(manifest_of(FIRST, WITHOUT_EXTRA), DECLARED, Catalog(calls, "pills_db"))
    made = [
        (call[0], call.kwargs.get("Name") or call.kwargs.get("TableInput", {}).get("Name"))
        for call in calls.method_calls
    ]
    assert made[-3:] == [("update_table", "pill"), ("update_table", "part"), ("delete_table", "extra")]
    assert {name for name, _ in made[:-3]} == {"batch_create_partition", "update_table"}


def drop(glue: Any, name: str) -> None:
    glue.delete_table(DatabaseName="pills_db", Name=name)


def move(glue: Any, name: str) -> None:
    table: Any = Catalog(glue, "pills_db").tables()[name]
    place = {**table["StorageDescriptor"], "Location": "s3://elsewhere/"}
    change(glue, name, StorageDescriptor=place)


def change(glue: Any, name: str, **changes: Any) -> None:
    table: Any = Catalog(glue, "pills_db").tables()[name]
    names = ("Name", "TableType", "PartitionKeys", "StorageDescriptor", "Parameters")
    kept: Any = {key: table[key] for key in names}
    glue.update_table(DatabaseName="pills_db", TableInput={**kept, **changes})


def narrow(glue: Any, name: str) -> None:
    table: Any = Catalog(glue, "pills_db").tables()[name]
    change(glue, name, StorageDescriptor={**table["StorageDescriptor"], "Columns": []})


def behind(glue: Any, _: str) -> None:
    """Put the catalog where it was before the last publication."""
    for name in list(Catalog(glue, "pills_db").tables()):
        drop(glue, name)
    reconcile(manifest_of(FIRST), DECLARED, Catalog(glue, "pills_db"))


@pytest.mark.parametrize(
    ("damage", "name", "told"),
    [
        (drop, "pill", ("pill was missing",)),
        (drop, "part_versions", ("part_versions was missing",)),
        (move, "pill", (f"pill was at s3://elsewhere/, and not at {SECOND.locations['pill']}",)),
        (narrow, "pill", ("pill had other columns or settings",)),
        (narrow, "pill_versions", ("pill_versions had other columns or settings",)),
        (
            behind,
            "",
            tuple(
                phrase
                for name in ("pill", "part", "extra")
                for phrase in (
                    f"{name}_versions was not known to have every publication",
                    f"{name} showed run 1, and not 2",
                )
            ),
        ),
    ],
)
def test_what_was_changed_is_told_and_repaired(glue: Any, damage: Any, name: str, told: tuple[str, ...]) -> None:
    manifest, catalog = manifest_of(FIRST, SECOND), Catalog(glue, "pills_db")
    reconcile(manifest, DECLARED, catalog)
    assert differences(manifest, DECLARED, catalog.tables()) == ()
    damage(glue, name)
    assert differences(manifest, DECLARED, catalog.tables()) == told
    assert reconcile(manifest, DECLARED, catalog)[: len(told)] == told
    assert shown(glue) == expected(manifest)
    assert reconcile(manifest, DECLARED, catalog) == ()


def test_partitions_that_were_moved_added_or_taken_out_are_put_right(glue: Any) -> None:
    manifest, catalog = manifest_of(FIRST, SECOND), Catalog(glue, "pills_db")
    reconcile(manifest, DECLARED, catalog)
    partitions: Any = catalog.partitions("pill_versions")
    entry: Any = {
        "Values": ["2026-03-01"],
        "StorageDescriptor": {**partitions[("2026-03-01",)]["StorageDescriptor"], "Location": "s3://elsewhere/"},
    }
    catalog.update_partitions("pill_versions", [entry])
    surplus: Any = {**entry, "Values": ["1999-01-01"]}
    catalog.create_partitions("pill_versions", [surplus])
    catalog.delete_partitions("pill_versions", [("2026-03-02",)])
    assert reconcile(manifest, DECLARED, catalog) == (
        "pill_versions lacked version 2026-03-02",
        "pill_versions had another publication of version 2026-03-01",
        "pill_versions had, without a publication, version 1999-01-01",
    )
    assert shown(glue) == expected(manifest)


def test_a_pin_takes_readers_back_to_the_columns_of_that_time(glue: Any) -> None:
    catalog = Catalog(glue, "pills_db")
    reconcile(manifest_of(FIRST), DECLARED, catalog)
    wider = Declarations((replace(TABLES[0], columns=(COLUMN, SilverColumn("name", "string", "Name"))),), "other")
    second = replace(SECOND, fingerprint="other")
    reconcile(manifest_of(FIRST, second), wider, catalog)
    assert columns(catalog.tables()["pill"]) == ["code", "name"]
    assert columns(catalog.partitions("pill_versions")[("2026-03-01",)]) == ["code"]
    pinned = replace(manifest_of(FIRST, second), pin=Pin("1", "somebody", "t", "the second is wrong"))
    reconcile(pinned, wider, catalog)
    assert catalog.tables()["pill"]["StorageDescriptor"]["Location"] == FIRST.locations["pill"]
    assert columns(catalog.tables()["pill"]) == ["code"]
    assert reconcile(pinned, wider, catalog) == ()


def columns(entry: Any) -> list[str]:
    return [column["Name"] for column in entry["StorageDescriptor"]["Columns"]]


def test_columns_of_another_configurations_publication_are_left_alone(glue: Any) -> None:
    catalog = Catalog(glue, "pills_db")
    reconcile(manifest_of(FIRST), DECLARED, catalog)
    wider = replace(TABLES[0], columns=(COLUMN, SilverColumn("name", "string", "Name")))
    assert reconcile(manifest_of(FIRST), Declarations((wider,), "other"), catalog) == ()
    assert reconcile(manifest_of(FIRST), Declarations((wider,)), catalog) == ()
    assert columns(catalog.tables()["pill"]) == ["code"]


def test_what_others_have_added_to_a_table_stays(glue: Any) -> None:
    catalog = Catalog(glue, "pills_db")
    reconcile(manifest_of(FIRST), DECLARED, catalog)
    theirs = {**catalog.tables()["pill"]["Parameters"], "owner": "team"}
    change(glue, "pill", Parameters=theirs)
    reconcile(manifest_of(FIRST, SECOND), DECLARED, catalog)
    assert catalog.tables()["pill"]["Parameters"]["owner"] == "team"


RUNS = st.lists(
    st.tuples(
        st.sampled_from(["2019-01-01", "2020-01-01", "2021-01-01"]),
        st.lists(st.sampled_from([table.name for table in TABLES]), min_size=1, unique=True),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RUNS, RUNS, st.integers(0, 5))
def test_from_any_catalog_to_any_manifest(before: Any, after: Any, pin: int) -> None:
    one, other = (
        manifest_of(*(publication(version, f"{start}{n}", tuple(names)) for n, (version, names) in enumerate(runs)))
        for start, runs in (("a", before), ("b", after))
    )
    if f"b{pin}" in other.publications:
        other = replace(other, pin=Pin(f"b{pin}", "somebody", "t", "why"))
    with lake():
        glue = database()
        catalog = Catalog(glue, "pills_db")
        reconcile(one, DECLARED, catalog)
        reconcile(other, DECLARED, catalog)
        wanted = expected(other)
        assert {name: seen for name, seen in shown(glue).items() if name in wanted} == wanted
        assert not {table.name for table in TABLES} & (shown(glue).keys() - wanted.keys())
        assert differences(other, DECLARED, catalog.tables()) == ()
        assert reconcile(other, DECLARED, catalog) == ()


def test_many_versions_go_in_batches_that_glue_takes() -> None:
    client = MagicMock()
    for answer in (client.batch_create_partition, client.batch_update_partition):
        answer.return_value = {}
    many = [version_partition(PublishedTable(TABLES[0], publication(f"2020-{n:04}", "1"))) for n in range(230)]
    catalog = Catalog(client, "pills_db")
    catalog.create_partitions("pill_versions", many)
    catalog.update_partitions("pill_versions", many)
    for request, name, sizes in (
        (client.batch_create_partition, "PartitionInputList", [100, 100, 30]),
        (client.batch_update_partition, "Entries", [100, 100, 30]),
    ):
        assert [len(call.kwargs[name]) for call in request.call_args_list] == sizes


def test_before_the_first_publication_there_is_nothing_to_follow() -> None:
    with lake() as storage:
        glue = database()
        assert follow_manifest(storage, Catalog(glue, "pills_db"), "pills", DECLARED) == Followed(None)
        assert shown(glue) == {}


def test_a_manifest_that_keeps_changing_is_a_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    with lake() as storage:
        glue = database()
        save(storage, manifest_of(FIRST), load(storage, "pills"))

        def replaced(*_: object) -> tuple[str, ...]:
            loaded = load(storage, "pills")
            assert loaded.manifest is not None
            other = publication("2026-03-01", str(len(loaded.manifest.publications) + 1))
            save(storage, manifest_of(*loaded.manifest.publications.values(), other), loaded)
            return ()

        monkeypatch.setattr("_shared.lambdas.libs.sink.catalog.reconcile", replaced)
        with pytest.raises(ManifestConflictError, match="replaced by others"):
            follow_manifest(storage, Catalog(glue, "pills_db"), "pills", DECLARED)


def refusal(code: str, operation: str = "X") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, operation)


def test_an_absent_database_is_a_refusal(glue: Any) -> None:
    with pytest.raises(CatalogRejectedError, match=r"glue:GetTables nowhere_db"):
        reconcile(manifest_of(FIRST), DECLARED, Catalog(glue, "nowhere_db"))


TABLE = current_table(PublishedTable(TABLES[0], FIRST))


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ConcurrentModificationException", CatalogBusyError),
        ("ThrottlingException", CatalogBusyError),
        ("AccessDeniedException", CatalogRejectedError),
    ],
)
def test_what_the_catalog_answers_has_a_name(code: str, error: type[MedallionError]) -> None:
    with pytest.raises(error, match=code):
        Catalog(MagicMock(**{"update_table.side_effect": refusal(code)}), "pills_db").update_table(TABLE)


def test_a_table_that_somebody_else_has_just_created_is_looked_at_again() -> None:
    client = MagicMock(**{"create_table.side_effect": refusal("AlreadyExistsException")})
    with pytest.raises(CatalogBusyError, match=r"glue:CreateTable pills_db\.pill: AlreadyExistsException"):
        Catalog(client, "pills_db").create_table(TABLE)


def test_a_table_that_somebody_else_has_just_dropped_is_no_error() -> None:
    Catalog(MagicMock(**{"delete_table.side_effect": refusal("EntityNotFoundException")}), "pills_db").delete_table("x")


def test_a_table_that_may_not_be_dropped_is_named() -> None:
    client = MagicMock(**{"delete_table.side_effect": refusal("AccessDeniedException")})
    with pytest.raises(CatalogRejectedError, match=r"glue:DeleteTable pills_db\.extra.*allow glue:DeleteTable"):
        Catalog(client, "pills_db").delete_table("extra")


@pytest.mark.parametrize(
    ("code", "error"),
    [("AlreadyExistsException", CatalogBusyError), ("InvalidInputException", CatalogRejectedError)],
)
@pytest.mark.parametrize("action", ["create", "update"])
def test_an_error_inside_a_batch_answer_is_not_overlooked(code: str, error: type[MedallionError], action: str) -> None:
    answer = {"Errors": [{"ErrorDetail": {"ErrorCode": code, "ErrorMessage": "no"}}]}
    catalog = Catalog(MagicMock(**{f"batch_{action}_partition.return_value": answer}), "pills_db")
    entries = [version_partition(PublishedTable(TABLES[0], FIRST))]
    with pytest.raises(error, match=f"glue:Batch{action.title()}Partition pills_db.pill_versions: {code}"):
        getattr(catalog, f"{action}_partitions")("pill_versions", entries)
