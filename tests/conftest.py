"""A local cloud of its own for the tests: private state, a free port, IAM enforced."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from local_cloud import cloud as local_cloud


@dataclass(frozen=True)
class CloudUnderTest:
    """A running local cloud."""

    endpoint: str
    state_directory: Path
    running: local_cloud.Cloud

    def environment(self) -> dict[str, str]:
        """Variables that point AWS clients at it, as the account's root."""
        return self.running.environment()

    def client(self, service: str, **credentials: str) -> Any:
        """A boto3 client; the account's root unless credentials are given."""
        root = self.running.root
        keys = {"aws_access_key_id": root.access_key_id, "aws_secret_access_key": root.secret_access_key}
        given = {**keys, **credentials}
        make: Any = boto3.client
        return make(
            service,
            endpoint_url=self.endpoint,
            region_name=self.running.region,
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
            **given,
        )


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudUnderTest]:
    """One local cloud for the whole session, stopped at its end."""
    state_directory = tmp_path_factory.mktemp("local-cloud")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLUE_MINUTE_SECONDS", "8")
        running = local_cloud.start(state_directory)
    yield CloudUnderTest(running.endpoint, state_directory, running)
    local_cloud.stop(state_directory)
