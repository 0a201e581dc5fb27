"""Environment variables of the emulator's process and of its clients."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from local_cloud.state.directory import RootKey

HOST = "127.0.0.1"
ACCOUNT = "000000000000"
REGION = "us-east-1"
_NOT_INHERITED = ("AWS_", "PYTHON", "LAKE_SOURCE_KEY_")
WAIT_SCALE = "0.1"
"""Factor on Wait states and retry intervals of Step Functions: they take a tenth of their time."""
MINUTE_SECONDS = "60"
"""Length in seconds of one minute of a Glue job's ``Timeout``."""


def client_environment(endpoint: str, root: RootKey) -> dict[str, str]:
    """Return the variables with which AWS SDKs, the AWS CLI and the CDK use the local cloud as the account's root."""
    return {
        **_address(endpoint),
        "AWS_ACCESS_KEY_ID": root.access_key_id,
        "AWS_SECRET_ACCESS_KEY": root.secret_access_key,
    }


def _address(endpoint: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCOUNT_ID": ACCOUNT,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DEFAULT_ACCOUNT": ACCOUNT,
        "CDK_DEFAULT_REGION": REGION,
    }


def emulator_environment(state_directory: Path, port: int) -> dict[str, str]:
    """Return the environment of the emulator's process. The emulator reads the root's key from the state directory.

    The user's AWS settings and Python path are left out, because Lambda functions inherit this environment. They must
    not see the user's credentials and keys, or modules that are not in their packages.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)}
    return {
        **inherited,
        **_address(f"http://{HOST}:{port}"),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "PYTHONUNBUFFERED": "1",
        "GATEWAY_PORT": str(port),
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
        "MINISTACK_REGION": REGION,
        "AUTH": "true",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state_directory / "state"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(state_directory / "s3"),
        "SFN_WAIT_SCALE": os.environ.get("SFN_WAIT_SCALE", WAIT_SCALE),
        "GLUE_MINUTE_SECONDS": os.environ.get("GLUE_MINUTE_SECONDS", MINUTE_SECONDS),
        "CLOUDTRAIL_RECORDING": "1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        # Docker is not needed. Hide it, so that machines with and without Docker behave the same.
        "DOCKER_HOST": f"unix://{state_directory / 'no-docker.sock'}",
        "LOCAL_CLOUD_STATE": str(state_directory),
    }
