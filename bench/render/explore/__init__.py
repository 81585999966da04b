"""A run to explore: a page whose plots answer to what the reader chooses. Needs the extra `[interactive]`."""
