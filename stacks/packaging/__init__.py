"""Build the stacks' artefacts: the Lambda layer, the Lambda packages, the Glue library and the job script."""
