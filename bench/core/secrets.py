"""Passwords are never shown: not in messages, not in annotations, not in files."""

from __future__ import annotations

import re

HIDDEN = "***"

_WORD = re.compile(r"\S+")
_LOGIN = re.compile(r"://[^/?#:@]*+:")
"""`://user:` of `scheme://user:password@`."""

_PARAMETER = re.compile(
    # atomic: no end of the name is tried twice, so that a long text takes no longer than its length
    r"(?P<before>(?<![\w.-])(?>[\w.-]*(?:password|passwd|passphrase|pwd|secret|token|api_?key|credentials?))"
    r"[\w.-]*+\s*+=\s*)"
    r"(?P<secret>'[^']*'|\"[^\"]*\"|[^\s&;,'\")\]]+)",
    re.IGNORECASE,
)
"""`password=...` as a parameter of a URL or of a connection string."""


def without_passwords(text: str) -> str:
    """Text in which the passwords of all URLs and connection strings are `***`."""
    return _PARAMETER.sub(rf"\g<before>{HIDDEN}", _WORD.sub(_without_login, text))


def _without_login(word: re.Match[str]) -> str:
    """A word without the password of its URL, which ends at the last @: people forget to quote the others."""
    head, at, tail = word[0].rpartition("@")
    login = _LOGIN.search(head) if at else None
    return word[0] if login is None else f"{head[: login.end()]}{HIDDEN}@{tail}"
