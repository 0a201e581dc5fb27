"""What is known of an execution that did not succeed, and what is said of it."""
