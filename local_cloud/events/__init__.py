"""EventBridge: status events of executions, and rules that deliver them as on AWS."""
