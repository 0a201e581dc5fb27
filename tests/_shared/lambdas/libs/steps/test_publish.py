"""UpdateManifest, publish: catalog, manifest, record; repeated, interrupted, refused."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, NoReturn

import pytest

from _shared.contracts.codec import decode_text, encode, encode_text
from _shared.contracts.errors import (
    CatalogBusyError,
    ContractError,
    EmptyTableError,
    JobReportMismatchError,
    JobReportMissingError,
    LeaseHeldError,
    LeaseLostError,
    ManifestConflictError,
    MedallionError,
    QualityCheckFailedError,
    QualityChecksMissingError,
    ReleaseMissingError,
    RowsUnaccountedError,
    WorkflowRejectedError,
)
from _shared.contracts.layout import lease_key, manifest_key, release_key, run_record_key
from _shared.contracts.manifest import Manifest, Pin
from _shared.contracts.release import FetchedSource, Release, SourceState
from _shared.contracts.report import CheckResult, JobReport
from _shared.contracts.run_record import FAILED, SUCCEEDED, RowCounts, RunRecord
from _shared.contracts.workflow import FetchResult, PublishResult, UpdateRequest
from _shared.lambdas.libs.aws.alerts import Alerts
from _shared.lambdas.libs.aws.catalog import Catalog
from _shared.lambdas.libs.run import lease, manifest
from _shared.lambdas.libs.run.records import write_record
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.sink.table_inputs import covers
from _shared.lambdas.libs.steps import publish as publish_step
from _shared.lambdas.libs.steps.publish import UpdateServices, update
from tests._shared.lambdas.support import (
    BUCKET,
    CONFIG,
    EXECUTION,
    LINEAGE,
    NOW,
    OTHER_EXECUTION,
    STARTED,
    glue_client,
    keys,
    lake,
    reports_of,
    text_of,
    write_reports,
)
from tests.local_cloud.step_functions.support import context, history, sent_alerts, sns_client

RUN = "20260302T063000Z-aaaaaaaa"
OLD_RUN = "20260302T070000Z-bbbbbbbb"
LATER_RUN = "20260303T063000Z-cccccccc"
VERSION = "2026-03-01"


@dataclass
class Publisher:
    """The step with a lake and a catalog; calling it is a publication."""

    storage: LakeStorage
    glue: Any
    services: UpdateServices

    def __call__(self, run_id: str = RUN, execution: str = EXECUTION, redrives: int = 0) -> PublishResult:
        fetched = FetchResult("pills", run_id, "process", "first run", False, "f" * 64, VERSION, "key")
        state = {
            "dataset": "pills",
            "fetch": encode(fetched),
            "bronze": {"JobRunId": "jr_b"},
            "crawl": {"crawler": "pills-bronze-crawler", "started_at": STARTED},
            "silver": {"JobRunId": "jr_s"},
        }
        request = UpdateRequest(context(execution, RedriveCount=redrives), state)
        return update(request, CONFIG, self.services)

    def prepare(self, run_id: str = RUN, version: str = VERSION, rows: int = 3, quarantined: int = 0) -> None:
        """Leave what the steps before leave."""
        source = SourceState("http://x/pills.zip", run_id[-1] * 64, 10)
        release = Release("pills", run_id, version, STARTED, (FetchedSource("pills", "fetched", source, "raw/x"),))
        self.storage.put(release_key("pills", run_id), encode_text(release).encode())
        write_reports(self.storage, *reports_of(run_id, version, rows=rows, quarantined=quarantined))

    def manifest(self) -> Manifest:
        """Read the manifest."""
        return decode_text(Manifest, text_of(self.storage, manifest_key("pills")), "manifest")

    def table(self, name: str = "pills") -> Any:
        """Read a table from the catalog."""
        return self.glue.get_table(DatabaseName="pills_db", Name=name)["Table"]

    def versions(self) -> dict[str, str]:
        """Read the location of every registered version."""
        found = self.glue.get_partitions(DatabaseName="pills_db", TableName="pills_versions")["Partitions"]
        return {entry["Values"][0]: entry["StorageDescriptor"]["Location"] for entry in found}


@pytest.fixture(name="publish")
def fixture_publish() -> Iterator[Publisher]:
    with lake() as storage:
        glue = glue_client()
        glue.create_database(DatabaseInput={"Name": "pills_db"})
        yield Publisher(
            storage, glue, UpdateServices(storage, Catalog(glue, "pills_db"), lambda _: (), LINEAGE, None, lambda: NOW)
        )


def place(run_id: str = RUN, version: str = VERSION) -> str:
    return f"s3://{BUCKET}/silver/pills/version={version}/run={run_id}/"


def test_a_first_publication_makes_tables_manifest_and_record(publish: Publisher) -> None:
    publish.prepare(rows=5, quarantined=2)
    lease.acquire(publish.storage, lease.LeaseClaim("pills", EXECUTION, NOW, 60), lambda _: True)
    result = publish()
    assert result == PublishResult("pills", RUN, VERSION, "current", {"pills": 3}, {"pills": place()})

    table = publish.table()
    storage = table["StorageDescriptor"]
    assert storage["Location"] == place()
    assert storage["Columns"] == [{"Name": "code", "Type": "string", "Comment": "Code of the pill"}]
    assert {
        "NumberOfBuckets",
        "Compressed",
        "StoredAsSubDirectories",
        "BucketColumns",
        "SortColumns",
        "Parameters",
    } <= set(storage)
    assert (table["TableType"], table["Description"]) == ("EXTERNAL_TABLE", "One row per pill")
    assert table["Parameters"].items() >= {"classification": "parquet", "run_id": RUN, "recordCount": "3"}.items()
    assert publish.table("pills_versions")["PartitionKeys"][0]["Name"] == "version"
    assert publish.table("pills_versions")["StorageDescriptor"]["Location"] == f"s3://{BUCKET}/silver/pills/"
    assert publish.versions() == {VERSION: place()}

    entry = publish.manifest().publications[publish.manifest().current]
    assert (entry.version, entry.run_id, entry.locations, entry.row_counts) == (
        VERSION,
        RUN,
        {"pills": place()},
        {"pills": 3},
    )
    record = decode_text(RunRecord, text_of(publish.storage, run_record_key("pills", RUN)), "record")
    assert (record.status, record.published_as, record.reason) == (SUCCEEDED, "current", "first run")
    assert record.rows == {"pills": RowCounts(raw=5, bronze=5, silver=3, duplicates=0, quarantined=2)}
    assert record.quarantine_reasons == {"INVALID_CODE": 2}
    assert record.job_runs == {"BronzeJob": "jr_b", "SilverJob": "jr_s"}
    assert [check.name for check in record.checks] == ["unique_grain"]
    assert lease_key("pills") not in keys(publish.storage)


def snapshot(publish: Publisher) -> tuple[Any, ...]:
    """Everything that a publication writes, less the catalog's own clock."""
    tables = []
    for name in ("pills", "pills_versions"):
        table = publish.table(name)
        tables.append({key: value for key, value in table.items() if key not in {"CreateTime", "UpdateTime"}})
    objects = {key: text_of(publish.storage, key) for key in keys(publish.storage, "manifests/")}
    return tables, publish.versions(), objects


def test_publishing_twice_changes_nothing(publish: Publisher) -> None:
    publish.prepare()
    first = publish()
    before = snapshot(publish)
    assert publish() == first
    assert snapshot(publish) == before


def test_publishing_again_is_well_even_while_the_next_run_holds_the_lease(publish: Publisher) -> None:
    publish.prepare()
    first = publish()
    lease.acquire(publish.storage, lease.LeaseClaim("pills", OTHER_EXECUTION, NOW, 60), lambda _: True)
    assert publish() == first
    assert OTHER_EXECUTION in text_of(publish.storage, lease_key("pills"))


def fail(*_: object, **__: object) -> None:
    message = "the function died here"
    raise RuntimeError(message)


@pytest.mark.parametrize(
    "place_of_death",
    [
        "_shared.lambdas.libs.steps.publish.manifest.save",
        "_shared.lambdas.libs.aws.catalog.Catalog.create_partitions",
        "_shared.lambdas.libs.sink.catalog.current_table",
        "_shared.lambdas.libs.steps.publish.write_record",
        "_shared.lambdas.libs.steps.publish.lease.release",
    ],
)
def test_a_publication_that_died_is_finished_by_its_repetition(publish: Publisher, place_of_death: str) -> None:
    publish.prepare()
    undisturbed = publish()
    expected = snapshot(publish)
    for key in keys(publish.storage, "manifests/"):
        publish.storage._client.delete_object(Bucket=BUCKET, Key=key)
    for name in ("pills", "pills_versions"):
        publish.glue.delete_table(DatabaseName="pills_db", Name=name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place_of_death, fail)
        with pytest.raises(RuntimeError, match="died here"):
            publish()
    assert publish() == undisturbed
    tables, versions, objects = snapshot(publish)
    assert (versions, objects) == expected[1:]
    for table, other in zip(tables, expected[0], strict=True):
        assert covers(table["StorageDescriptor"], other["StorageDescriptor"])
        assert table["Parameters"] == other["Parameters"]


def test_readers_see_the_version_before_until_the_tables_location_is_switched(publish: Publisher) -> None:
    publish.prepare()
    publish()
    publish.prepare(LATER_RUN, "2026-03-02")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("_shared.lambdas.libs.sink.catalog.current_table", fail)
        with pytest.raises(RuntimeError, match="died here"):
            publish(LATER_RUN)
    assert publish.table()["StorageDescriptor"]["Location"] == place()
    assert publish.manifest().current == LATER_RUN
    publish(LATER_RUN)
    assert publish.table()["StorageDescriptor"]["Location"] == place(LATER_RUN, "2026-03-02")
    assert publish.manifest().current == LATER_RUN
    assert publish.versions() == {VERSION: place(), "2026-03-02": place(LATER_RUN, "2026-03-02")}


def test_an_older_release_is_registered_as_a_version_only(publish: Publisher) -> None:
    publish.prepare()
    publish()
    publish.prepare(OLD_RUN, "2019-04-29")
    assert publish(OLD_RUN).published_as == "version"
    assert publish.table()["StorageDescriptor"]["Location"] == place()
    assert publish.versions() == {VERSION: place(), "2019-04-29": place(OLD_RUN, "2019-04-29")}
    assert publish.manifest().current == RUN
    assert sorted(publish.manifest().publications) == [RUN, OLD_RUN]


def test_a_rerun_of_a_version_switches_partition_and_table_to_its_own_place(publish: Publisher) -> None:
    publish.prepare()
    publish()
    publish.prepare(LATER_RUN, rows=4)
    publish(LATER_RUN)
    assert publish.versions() == {VERSION: place(LATER_RUN)}
    assert publish.table()["StorageDescriptor"]["Location"] == place(LATER_RUN)
    assert publish.table()["Parameters"]["recordCount"] == "4"
    assert publish.manifest().current == LATER_RUN
    assert publish.manifest().publications[RUN].locations == {"pills": place()}


def test_a_run_that_a_later_one_has_overtaken_does_not_take_readers_back(publish: Publisher) -> None:
    publish.prepare(LATER_RUN)
    publish(LATER_RUN)
    publish.prepare()
    tables, versions, _ = snapshot(publish)
    assert publish().published_as == "superseded"
    assert snapshot(publish)[:2] == (tables, versions)
    assert sorted(publish.manifest().publications) == [RUN, LATER_RUN]
    record = decode_text(RunRecord, text_of(publish.storage, run_record_key("pills", RUN)), "record")
    assert (record.status, record.published_as, record.locations) == (SUCCEEDED, "superseded", {"pills": place()})


def test_a_pinned_publication_stays_what_readers_see(publish: Publisher) -> None:
    publish.prepare()
    publish()
    pinned = replace(publish.manifest(), pin=Pin(RUN, "somebody", STARTED, "the next is wrong"))
    manifest.save(publish.storage, pinned, manifest.load(publish.storage, "pills"))
    for run, version in ((LATER_RUN, VERSION), ("20260304T063000Z-dddddddd", "2026-03-04")):
        publish.prepare(run, version)
        assert publish(run).published_as in {"superseded", "version"}
    assert publish.table()["StorageDescriptor"]["Location"] == place()
    assert publish.versions()[VERSION] == place()


def test_a_redriven_run_whose_lease_was_given_back_publishes_under_a_record_of_its_own(publish: Publisher) -> None:
    publish.prepare()
    failed = RunRecord("pills", RUN, EXECUTION, FAILED, "Glue was away", STARTED, STARTED, step="UpdateManifest")
    write_record(publish.storage, failed)
    assert publish(redrives=1).published_as == "current"
    assert lease_key("pills") not in keys(publish.storage)
    first, redriven = (
        decode_text(RunRecord, text_of(publish.storage, run_record_key("pills", RUN, count)), "record")
        for count in (0, 1)
    )
    assert first == failed
    assert (redriven.status, redriven.redrive_count, redriven.run_id) == (SUCCEEDED, 1, RUN)


def test_a_run_that_published_and_failed_then_is_not_published_again_by_its_redrive(publish: Publisher) -> None:
    publish.prepare()
    first = publish()
    before = snapshot(publish)
    assert publish(redrives=1) == first
    assert snapshot(publish) == before


@pytest.mark.parametrize("taken_again", [True, False])
def test_a_function_that_outlives_its_execution_is_kept_from_the_commit(
    publish: Publisher, *, taken_again: bool
) -> None:
    publish.prepare()
    step = "_shared.lambdas.libs.steps.publish.with_publication"
    real = pkgutil.resolve_name(step)

    def stopped_meanwhile(*given: Any) -> Any:
        lease.release(publish.storage, "pills", EXECUTION)
        if taken_again:
            # A redrive, whose owner is the same.
            later = lease.LeaseClaim("pills", EXECUTION, NOW + timedelta(minutes=1), 60)
            lease.acquire(publish.storage, later, lambda _: True)
        return real(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(step, stopped_meanwhile)
        with pytest.raises(LeaseLostError):
            publish()
    assert publish.glue.get_tables(DatabaseName="pills_db")["TableList"] == []
    assert manifest_key("pills") not in keys(publish.storage)
    assert keys(publish.storage, run_record_key("pills", RUN)) == []
    assert (lease_key("pills") in keys(publish.storage)) is taken_again


def test_a_function_that_outlives_its_execution_after_the_commit_leaves_what_the_next_run_has_published(
    publish: Publisher,
) -> None:
    """The one that was overtaken writes to the catalog last, and follows the manifest that is there by then."""
    publish.prepare()
    publish.prepare(LATER_RUN, "2026-03-02")
    step = "_shared.lambdas.libs.sink.catalog.wanted_tables"
    real = pkgutil.resolve_name(step)

    def overtaken_meanwhile(*given: Any) -> Any:
        patch.undo()
        lease.release(publish.storage, "pills", EXECUTION)
        publish(LATER_RUN, OTHER_EXECUTION)
        return real(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(step, overtaken_meanwhile)
        with pytest.raises(CatalogBusyError):
            # It has not seen the tables that the other one has made.
            publish()
        assert publish().published_as == "version"
    assert publish.table()["StorageDescriptor"]["Location"] == place(LATER_RUN, "2026-03-02")
    assert publish.versions() == {VERSION: place(), "2026-03-02": place(LATER_RUN, "2026-03-02")}


def test_nothing_is_published_while_another_execution_holds_the_lease(publish: Publisher) -> None:
    publish.prepare()
    lease.acquire(publish.storage, lease.LeaseClaim("pills", OTHER_EXECUTION, NOW, 60), lambda _: True)
    with pytest.raises(LeaseHeldError, match=f"{OTHER_EXECUTION}.*redrive this one or start a new run"):
        publish()
    assert publish.glue.get_tables(DatabaseName="pills_db")["TableList"] == []


def test_a_manifest_that_changed_meanwhile_is_a_conflict_and_the_repetition_publishes(publish: Publisher) -> None:
    publish.prepare()
    publish()
    publish.prepare(LATER_RUN, "2026-03-02")
    stale = manifest.load(publish.storage, "pills")
    publish.storage.put(
        manifest_key("pills"), encode_text(replace(publish.manifest(), dataset="pills")).encode() + b" "
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("_shared.lambdas.libs.steps.publish.manifest.load", lambda *_: stale)
        with pytest.raises(ManifestConflictError):
            publish(LATER_RUN)
    assert publish(LATER_RUN).version == "2026-03-02"


Change = Callable[[JobReport, JobReport], tuple[JobReport, JobReport]]


def tables(report: JobReport, **changes: Any) -> JobReport:
    """Change the report's only table."""
    return replace(report, tables=(replace(report.tables[0], **changes),))


FAILED_CHECK = CheckResult("critical_nulls", "pills", False, "7 of 100 null", "at most 5 of 100", "code")


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda b, s: (tables(b, rows_in=4), s), RowsUnaccountedError, "bronze table pills .*4 rows in, but 3 out"),
        (lambda b, s: (b, tables(s, rows_in=4)), RowsUnaccountedError, "silver table pills"),
        (
            lambda b, s: (b, tables(s, rows_in=4, rows_out=4)),
            RowsUnaccountedError,
            "bronze wrote 3 rows, silver read 4",
        ),
        (
            lambda b, s: (b, tables(s, rows_out=0, quarantined={"INVALID_CODE": 3})),
            EmptyTableError,
            "has no rows: 3 came in",
        ),
        (lambda b, s: (replace(b, tables=()), s), JobReportMissingError, "leaves out pills"),
        (lambda b, s: (b, tables(s, table="other")), JobReportMissingError, "leaves out pills"),
        (lambda b, s: (replace(b, run_id="other"), s), JobReportMismatchError, "pills other bronze"),
        (lambda b, s: (b, replace(s, dataset="other")), JobReportMismatchError, "other .* silver"),
        (lambda b, s: (b, tables(s, location="s3://elsewhere/")), JobReportMismatchError, "s3://elsewhere/"),
        (
            lambda b, s: (replace(b, tables=(*b.tables, replace(b.tables[0], table="extra"))), s),
            JobReportMismatchError,
            "extra",
        ),
        (lambda b, s: (b, replace(s, checks=())), QualityChecksMissingError, "no check of pills"),
        (
            lambda b, s: (b, replace(s, checks=(*s.checks, FAILED_CHECK))),
            QualityCheckFailedError,
            r"critical_nulls of pills\.code: 7 of 100 null, expected at most 5 of 100",
        ),
        (lambda b, s: (replace(b, checks=(FAILED_CHECK,)), s), QualityCheckFailedError, "critical_nulls"),
    ],
)
def test_a_report_that_does_not_hold_is_not_published(
    publish: Publisher, change: Change, error: type[MedallionError], message: str
) -> None:
    publish.prepare()
    bronze, silver = change(*reports_of(RUN, VERSION))
    write_reports(publish.storage, *reports_of(RUN, VERSION))
    for layer, report in (("bronze", bronze), ("silver", silver)):
        publish.storage.put(f"quality/pills/run_id={RUN}/{layer}.json", encode_text(report).encode())
    with pytest.raises(error, match=message):
        publish()
    assert publish.glue.get_tables(DatabaseName="pills_db")["TableList"] == []
    assert manifest_key("pills") not in keys(publish.storage)


@pytest.mark.parametrize("layer", ["bronze", "silver"])
def test_a_job_that_left_no_report_is_named(publish: Publisher, layer: str) -> None:
    publish.prepare()
    publish.storage._client.delete_object(Bucket=BUCKET, Key=f"quality/pills/run_id={RUN}/{layer}.json")
    with pytest.raises(JobReportMissingError, match=f"the {layer} job of run {RUN} left no report"):
        publish()


def test_a_run_without_release_document_is_not_published(publish: Publisher) -> None:
    with pytest.raises(ReleaseMissingError, match=RUN):
        publish()


def test_state_data_without_a_fetch_is_refused(publish: Publisher) -> None:
    with pytest.raises(ContractError, match=r"\$\.fetch"):
        update(UpdateRequest(context(), {}), CONFIG, publish.services)


def test_a_receiver_of_lineage_that_may_never_answer_comes_last(
    publish: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[tuple[str, bool]] = []

    def send(*_: object) -> None:
        left.append((record_of(publish).status, publish.storage.get(lease_key("pills")) is None))

    monkeypatch.setattr(publish_step, "send_lineage", send)
    publish.prepare()
    publish()
    assert left == [(SUCCEEDED, True)]


def test_a_notice_of_the_published_version_where_it_is_wanted(publish: Publisher) -> None:
    topic = sns_client().create_topic(Name="alerts")["TopicArn"]
    publish.services = replace(publish.services, notices=Alerts(sns_client(), topic))
    publish.prepare()
    publish()
    publish()
    (notice,) = sent_alerts(topic)
    assert notice.subject == f"pills: published version {VERSION}"
    assert "Readers see it." in notice.message
    assert f"lake report pills {RUN}" in notice.message


def test_a_notice_that_cannot_be_sent_does_not_fail_a_published_run(publish: Publisher) -> None:
    gone = "arn:aws:sns:us-east-1:123456789012:gone"
    publish.services = replace(publish.services, notices=Alerts(sns_client(), gone))
    publish.prepare()
    assert publish().version == VERSION


def test_a_history_that_cannot_be_read_does_not_fail_a_published_run(publish: Publisher) -> None:
    def refused(_: str) -> NoReturn:
        msg = "not allowed"
        raise WorkflowRejectedError(msg)

    publish.services = replace(publish.services, history=refused)
    publish.prepare()
    assert publish().version == VERSION
    assert record_of(publish).steps == ()


def test_the_record_has_the_steps_of_the_history(publish: Publisher) -> None:
    entered = {"type": "TaskStateEntered", "stateEnteredEventDetails": {"name": "FetchAndHash", "input": "{}"}}
    publish.services = replace(publish.services, history=lambda _: history(entered))
    publish.prepare()
    publish()
    (step,) = record_of(publish).steps
    assert (step.step, step.bytes_in) == ("FetchAndHash", 10)


def record_of(publish: Publisher) -> RunRecord:
    key = run_record_key("pills", RUN, 0)
    return decode_text(RunRecord, text_of(publish.storage, key), key)
