"""The state directory: keys, encryption and saving."""
