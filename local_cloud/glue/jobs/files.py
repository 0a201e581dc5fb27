"""Download the script and the modules of a Glue job from S3, as the job's role."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from botocore.exceptions import ClientError


class LaunchError(Exception):
    """The job cannot be started. The message becomes the run's ``ErrorMessage``."""


def download(client: Any, location: str, directory: Path) -> Path:
    """Download one S3 object into a directory, under its own name.

    Raises
    ------
    LaunchError
        The address is not an S3 address, the object does not exist, or the role may not read it.
    """
    address = urlparse(location)
    key = address.path.lstrip("/")
    if address.scheme not in {"s3", "s3a"} or not address.netloc or not key:
        msg = f"LAUNCH ERROR | {location!r} is no S3 address"
        raise LaunchError(msg)
    directory.mkdir(parents=True, exist_ok=True)
    target = directory / Path(key).name
    try:
        target.write_bytes(client.get_object(Bucket=address.netloc, Key=key)["Body"].read())
    except ClientError as error:
        told = error.response["Error"]
        msg = (
            f"LAUNCH ERROR | Error downloading from S3 for bucket: {address.netloc}, key: {key}. "
            f"{told.get('Message')} (Service: Amazon S3; Error Code: {told.get('Code')})"
        )
        raise LaunchError(msg) from error
    return target


def download_modules(client: Any, locations: str, directory: Path) -> list[Path]:
    """Download ``--extra-py-files``, a comma-separated list; return the entries for the Python path.

    Each archive is an entry. Single ``.py`` files share one directory, which is an entry.
    """
    files = [download(client, location.strip(), directory) for location in locations.split(",") if location.strip()]
    return list(dict.fromkeys(file.parent if file.suffix == ".py" else file for file in files))
