"""IAM: role sessions, and the permissions that a request needs."""
