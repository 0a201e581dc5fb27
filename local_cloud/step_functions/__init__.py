"""Step Functions: executions that act as the state machine's role, with retries, time-outs and redrives."""
