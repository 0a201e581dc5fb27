"""IAM: sessions of roles, and what a request needs to be allowed."""
