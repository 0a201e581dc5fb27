"""CloudWatch metrics from logs and queues, and alarms that are evaluated as on AWS."""
