"""What a run leaves behind: frozen records, the store they are committed to, and the frames collected from it."""
