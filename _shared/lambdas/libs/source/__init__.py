"""Sources: probed for their state, then fetched into raw."""
