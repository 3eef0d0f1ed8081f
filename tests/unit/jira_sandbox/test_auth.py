"""Whose credentials are right."""

import base64

import pytest

from include.jira_sandbox.auth import is_known


def basic(text: str) -> bytes:
    """Return a Basic header."""
    return b"Basic " + base64.b64encode(text.encode())


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (basic("user:töken"), True),
        (b"bearer " + "töken".encode(), True),
        (basic("user:token"), False),
        (basic("User:töken"), False),
        (basic("user"), False),
        (basic(":"), False),
        (b"Bearer ", False),
        (b"Bearer user", False),
        (b"Basic %%%", False),
        (b"", False),
    ],
)
def test_header(header: bytes, expected: bool) -> None:
    """User and token as Basic, or the token as Bearer; nothing else."""
    assert is_known([(b"accept", b"*/*"), (b"Authorization", header)], "user", "töken") is expected


def test_no_header() -> None:
    """Without the header nobody is known."""
    assert is_known([], "user", "token") is False
