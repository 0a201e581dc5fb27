"""The Lambda functions of a pipeline: one module each, which says its name, environment, permissions and limits."""
