"""The CDK stacks: stacks wire, constructs build."""
