"""Build what the stacks upload: the Lambda layer, the Lambda packages, the Glue library and the job script."""
