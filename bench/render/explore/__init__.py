"""The interactive part of a report: plots that answer to a reader's choice. Needs the extra `[interactive]`."""
