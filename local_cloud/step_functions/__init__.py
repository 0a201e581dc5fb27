"""Step Functions: executions that act as their state machine's role, retry, end and are redriven."""
