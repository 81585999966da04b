"""Two runs, or a run and a baseline, beside each other: only what differs, and how surely."""
