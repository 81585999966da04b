"""The history of a suite in words, for the terminal, Markdown and JSON."""
