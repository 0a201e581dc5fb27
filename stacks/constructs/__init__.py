"""CDK constructs, one for each capability."""
