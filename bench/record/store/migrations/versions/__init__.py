"""A file per revision of the tables, each with the one before it."""
