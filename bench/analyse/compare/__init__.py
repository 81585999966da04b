"""Two runs, or a run and a baseline, compared: only what differs, and how surely. Values, no sentences."""
