"""The CDK stacks. Constructs define resources; stacks connect them."""
