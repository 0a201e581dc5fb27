"""Record and alert for an execution that failed, timed out or was aborted."""
