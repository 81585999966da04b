"""What commands print with `--json`: a document per command, as frozen values with a JSON Schema.

Facts are fields. A sentence in a document repeats what other fields say, or is a reason that somebody else wrote.
"""
