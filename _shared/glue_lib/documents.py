"""The JSON documents that jobs read and write: configuration, release, report."""

from __future__ import annotations

from importlib import resources

from _shared.contracts.codec import decode_text, encode_text
from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.errors import MissingMemberError
from _shared.contracts.layout import profile_key, release_key, report_key
from _shared.contracts.messages import listed_values
from _shared.contracts.quality.profile import RunProfile
from _shared.contracts.release import RawMember, Release
from _shared.contracts.report import JobReport
from _shared.contracts.source import Member
from _shared.glue_lib.lake import Lake

BRONZE = "bronze"
SILVER = "silver"


def load_config(dataset: str) -> DatasetConfig:
    """Read ``domains/<dataset>/config/dataset.json`` from the import path, a zip on Glue."""
    file = resources.files(f"domains.{dataset}").joinpath("config").joinpath("dataset.json")
    return decode_text(DatasetConfig, file.read_text("utf-8"), f"domains/{dataset}/config/dataset.json")


def read_release(lake: Lake, dataset: str, run_id: str) -> Release:
    """Read the release document of the run."""
    key = release_key(dataset, run_id)
    return decode_text(Release, lake.read_text(key), lake.uri(key))


def read_report(lake: Lake, dataset: str, run_id: str, layer: str) -> JobReport:
    """Read the report of an earlier job of the run."""
    key = report_key(dataset, run_id, layer)
    return decode_text(JobReport, lake.read_text(key), lake.uri(key))


def write_report(lake: Lake, report: JobReport) -> None:
    """Write a job's report. It is written last; nothing is published without it."""
    lake.write_text(report_key(report.dataset, report.run_id, report.layer), encode_text(report))


def read_profile(lake: Lake, dataset: str, run_id: str) -> RunProfile:
    """Read the profile of a run's tables."""
    key = profile_key(dataset, run_id)
    return decode_text(RunProfile, lake.read_text(key), lake.uri(key))


def write_profile(lake: Lake, profile: RunProfile) -> None:
    """Write the profile of a run's tables."""
    lake.write_text(profile_key(profile.dataset, profile.run_id), encode_text(profile))


def raw_members(release: Release, member: Member) -> tuple[RawMember, ...]:
    """Find the files of a declared member, in the order of the release.

    Raises
    ------
    MissingMemberError
        The release has no such file, or several although only one is declared.
    """
    found = tuple(raw for raw in release.members if raw.table == member.table)
    if not found or (len(found) > 1 and not member.many):
        names = listed_values([raw.name for raw in found]) or "none"
        number = "at least one file" if member.many else "one file"
        what = f"{release.dataset}: expected {number} for table {member.table!r} in run {release.run_id}, found {names}"
        number = "a member" if member.many else "exactly one member"
        raise MissingMemberError(what, f"the archive must have {number} like {member.pattern!r}")
    return found
