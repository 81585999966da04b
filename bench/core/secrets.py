"""Passwords are never shown: not in messages, not in annotations, not in files."""

from __future__ import annotations

import re

HIDDEN = "***"

_USER_INFO = re.compile(r"(?P<before>[\w+.-]*://[^\s/?#:@]*:)(?P<secret>[^\s]*)@")
"""`scheme://user:password@`; the password ends at the last @ before a space, since people forget to quote one."""

_PARAMETER = re.compile(
    r"(?P<before>\b[\w.-]*(?:password|passwd|passphrase|pwd|secret|token|api_?key|credentials?)[\w.-]*\s*=\s*)"
    r"(?P<secret>'[^']*'|\"[^\"]*\"|[^\s&;,'\")\]]+)",
    re.IGNORECASE,
)
"""`password=...` as a parameter of a URL or of a connection string."""


def without_passwords(text: str) -> str:
    """Text in which the passwords of all URLs and connection strings are `***`."""
    return _PARAMETER.sub(rf"\g<before>{HIDDEN}", _USER_INFO.sub(rf"\g<before>{HIDDEN}@", text))
