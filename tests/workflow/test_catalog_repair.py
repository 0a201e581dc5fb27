"""The local cloud is killed between two saves: the lake has a publication that its catalog does not know of."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import boto3
import pytest

from _shared.contracts.publications import current
from _shared.lambdas.libs.s3_io import LakeStorage
from local_cloud import cloud as local_cloud
from local_cloud.cloud import Cloud
from tests._shared.lambdas.run_support import World
from tests._shared.lambdas.support import BUCKET, OTHER_EXECUTION, archive, client, file_answers, serve
from tests.local_cloud.roles import wait_for
from tests.local_cloud.saved_state import saved_state

OLD = archive({"pills.csv": b"Code\n1\n"})
NEW = archive({"pills.csv": b"Code\n1\n2\n"})
LATER = "2026-03-03T06:30:00.000Z"


def connect(world: World, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the steps talk to a local cloud."""
    for name, value in cloud.environment().items():
        monkeypatch.setenv(name, value)
    world.storage, world.glue = LakeStorage.connect(BUCKET), boto3.client("glue")


def test_readers_left_behind_by_a_kill_are_brought_forward_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve() as source, client() as http:
        first = local_cloud.start(tmp_path)
        world = World(LakeStorage.connect(BUCKET), None, source, http, "")
        connect(world, first, monkeypatch)
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        world.glue.create_database(DatabaseInput={"Name": "pills_db"})
        source.answer = file_answers(OLD)
        before = world.run(OTHER_EXECUTION, "2026-03-01T06:30:00.000Z")
        state = tmp_path / "state" / "glue.json"
        wait_for(lambda: {"saved": saved_state(tmp_path, "glue")}, lambda t: before.run_id in t["saved"])
        saved = state.read_bytes()

        source.answer = file_answers(NEW, etag='"2"', last_modified="Mon, 02 Mar 2026 09:00:00 GMT")
        published = world.run()
        assert world.read() == published.locations
        os.kill(first.pid, signal.SIGKILL)
        os.waitpid(first.pid, 0)
        # As though no save had fallen into the second publication, which takes less time than there is between two.
        state.write_bytes(saved)

        second = local_cloud.start(tmp_path)
        try:
            connect(world, second, monkeypatch)
            assert world.read() == before.locations
            assert current(world.manifest()).run_id == published.run_id
            fetched = world.fetch(OTHER_EXECUTION, LATER)
            assert (fetched.decision, len(fetched.differences)) == ("repair", 2)
            world.publish(fetched, OTHER_EXECUTION, LATER)
            assert world.read() == published.locations
            assert world.agrees()
            assert world.fetch(OTHER_EXECUTION, "2026-03-04T06:30:00.000Z").decision == "skip"
        finally:
            local_cloud.stop(tmp_path)
