"""What this machine has and lacks to run the lake, one module for each kind of thing."""
