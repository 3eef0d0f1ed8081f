"""Moments as the store keeps them (milliseconds since 1970, UTC) and as Jira writes them."""

from datetime import UTC, datetime


def to_millis(moment: datetime) -> int:
    """Return the milliseconds since 1970-01-01 UTC of an aware moment."""
    return int(moment.timestamp() * 1000)


def from_millis(millis: int) -> datetime:
    """Return the aware UTC moment of a stored number of milliseconds."""
    return datetime.fromtimestamp(millis / 1000, tz=UTC)


def to_jira(millis: int) -> str:
    """Return a moment in Jira's form, `2020-03-26T22:20:59.000+0000` (no colon in the offset)."""
    moment = from_millis(millis)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"
