"""Points in time as people read them."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(text: str) -> str:
    """A recorded point in time to the minute: `2026-11-22 23:35 UTC`; what is no ISO 8601 stays as it is."""
    try:
        read = datetime.fromisoformat(text)
        # records are in UTC, whether they say so or not
        known = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return text
    return f"{known:%Y-%m-%d %H:%M} UTC"
