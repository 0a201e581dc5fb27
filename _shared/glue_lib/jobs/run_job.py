"""Entry point of all Glue jobs: builds one layer of one dataset.

Arguments: ``--lake_bucket``, ``--dataset``, ``--layer`` (``bronze`` or ``silver``), ``--run_id``.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from importlib import import_module

from awsglue.utils import getResolvedOptions
from pyspark.sql import SparkSession

from _shared.contracts.errors import InvalidInputError, UnknownLayerError
from _shared.glue_lib.bronze.job import run_bronze
from _shared.glue_lib.documents import BRONZE, SILVER, load_config
from _shared.glue_lib.jobs.json_lines import PACKAGE, log_as_json
from _shared.glue_lib.lake import Lake
from _shared.glue_lib.objects import S3Lake
from _shared.glue_lib.quality.gate import load_library
from _shared.glue_lib.silver.job import run_silver

_PATHS = ("--raw_path", "--bronze_path", "--silver_path")
_LOGGER = logging.getLogger(f"{PACKAGE}.job")
"""Glue runs this module as ``__main__``."""


def main() -> None:
    """Run the job. An error fails the job run with the error's name and message."""
    _refuse_paths(sys.argv)
    options = getResolvedOptions(sys.argv, ["lake_bucket", "dataset", "layer", "run_id"])
    log_as_json(options["dataset"], options["layer"], options["run_id"])
    lake = S3Lake(options["lake_bucket"], personal_key_secret=_optional("personal_key_secret"))
    try:
        run(options["dataset"], options["layer"], lake, options["run_id"])
    except Exception:
        _LOGGER.exception("job failed")
        raise


def _refuse_paths(arguments: Sequence[str]) -> None:
    """Raise if a caller names a path, which the job would otherwise ignore silently."""
    named = [name for name in _PATHS if any(word.partition("=")[0] == name for word in arguments)]
    if named:
        msg = f"the job takes no {', '.join(named)}: its paths follow from the dataset and the run"
        raise InvalidInputError(msg, "pass --run_id alone; to process another file, start an execution with source_url")


def _optional(name: str) -> str:
    """Return an argument that not every dataset's job has; empty if it is missing."""
    return str(getResolvedOptions(sys.argv, [name])[name]) if f"--{name}" in sys.argv else ""


def run(dataset: str, layer: str, lake: Lake, run_id: str) -> None:
    """Build one layer of one dataset. Silver uses the transforms of ``domains.<dataset>.transforms``.

    Raises
    ------
    UnknownLayerError
        The layer is neither bronze nor silver.
    """
    if layer not in (BRONZE, SILVER):
        msg = f"{dataset}: there is no layer {layer!r}"
        raise UnknownLayerError(msg, f"set the job's argument --layer to {BRONZE} or {SILVER}")
    if layer == SILVER:
        load_library()
    spark = SparkSession.builder.appName(f"{dataset}-{layer}").getOrCreate()
    config = load_config(dataset)
    if layer == BRONZE:
        run_bronze(spark, config, lake, run_id)
    else:
        run_silver(spark, config, import_module(f"domains.{dataset}.transforms").TRANSFORMS, lake, run_id)


if __name__ == "__main__":
    main()
