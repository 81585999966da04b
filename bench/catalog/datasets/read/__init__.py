"""Readers of the data that people have: a file per kind, and `declared` that reads what a table of a suite says."""
