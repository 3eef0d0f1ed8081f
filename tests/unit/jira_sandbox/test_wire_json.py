"""Reading JSON from strangers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.jira_sandbox.errors import RefusedError
from include.jira_sandbox.wire_json import MAX_DEPTH, read_json


def test_depth() -> None:
    """Nesting is allowed up to the limit and refused one level deeper."""
    deepest = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH

    assert isinstance(read_json(deepest), list)
    with pytest.raises(RefusedError):
        read_json(b"[" + deepest + b"]")


@pytest.mark.parametrize(
    "data", [b"", b"{", b"NaN", b"-Infinity", b"\xff", b'"\\ud800"', b'"\\u0000"', b'{"\\u0000":1}']
)
def test_refused(data: bytes) -> None:
    """What is no JSON, or cannot be stored as UTF-8 text, is refused."""
    with pytest.raises(RefusedError) as refused:
        read_json(data)

    assert refused.value.status == 400


def test_written_escape_is_no_nul() -> None:
    """The six characters of an escape, written out, are text like any other."""
    assert read_json(b'"\\\\u0000"') == "\\u0000"


@given(st.binary())
def test_any_bytes(data: bytes) -> None:
    """Any bytes give a value or a refusal."""
    try:
        read_json(data)
    except RefusedError as refused:
        assert refused.status == 400  # noqa: PT017 (a refusal is one of two good ends)
