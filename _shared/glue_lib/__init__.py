"""Library of the Glue jobs of all datasets: PySpark only, without CDK or Lambda code."""
