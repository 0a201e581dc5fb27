"""Glue entry point: CDER silver. Arguments: ``--lake_bucket``, ``--dataset``, ``--run_id``."""

from __future__ import annotations

import logging
import sys

from awsglue.utils import getResolvedOptions
from pyspark.sql import SparkSession

from _shared.glue_lib.documents import load_config
from _shared.glue_lib.objects import S3Lake
from _shared.glue_lib.silver import run_silver
from domains.cder.transforms import TRANSFORMS


def main() -> None:
    """Run the job; an error ends it with the error's name and message."""
    logging.basicConfig()
    logging.getLogger("_shared").setLevel(logging.INFO)
    options = getResolvedOptions(sys.argv, ["lake_bucket", "dataset", "run_id"])
    spark = SparkSession.builder.appName(f"{options['dataset']}-silver").getOrCreate()
    config, lake = load_config(options["dataset"]), S3Lake(options["lake_bucket"])
    run_silver(spark, config, TRANSFORMS, lake, options["run_id"])


if __name__ == "__main__":
    main()
