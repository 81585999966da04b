"""The index of a reports folder: every suite, its runs, and how its best score moved."""
