"""Physical plans of the queries that a Spark session has run."""

from __future__ import annotations

from pyspark.sql import SparkSession


def recorded_plans(spark: SparkSession) -> str:
    """Give the plans in the order of their queries, as Spark keeps them for its web page."""
    executions = spark._jsparkSession.sharedState().statusStore().executionsList()  # noqa: SLF001 - no other way
    found = [executions.apply(index) for index in range(executions.size())]
    return "\n\n".join(f"{one.description()}\n{one.physicalPlanDescription()}" for one in found)
