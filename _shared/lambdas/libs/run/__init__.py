"""State and decisions of one run: attempt, decision, lease, manifest, reports, records."""
