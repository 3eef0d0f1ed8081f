"""Walking a Jira workflow: transition ids differ per workflow and status, so they are listed before each step."""

from collections.abc import Mapping
from typing import Any

from include.postmarket.backlog.dialect import as_object
from include.postmarket.backlog.ports import Declined, RateLimited, Refused
from include.postmarket.backlog.transport import Transport, shown
from include.postmarket.model.errors import UnavailableError

STEPS = 3  # transitions walked at most: more would be a workflow that nobody meant us to walk
_DONE = "done"


def reopen_issue(transport: Transport, path: str) -> str:
    """Walk an issue (its address) out of the category `done` and give its status; at once when it is out.

    The status is read before each step, so that a step whose answer was lost is not taken twice. Raises Declined when
    no transition leads out, and as reads do.
    """
    for _ in range(STEPS):
        name, category = _status(transport, path)
        if category != _DONE:
            return name
        told = as_object(transport.read(f"{path}/transitions"), "transitions", "transitions")
        out = [way for way in told["transitions"] if _category(way.get("to") or {}) != _DONE]
        if not out:
            raise Declined(f"from {name} the workflow has no way back to work")
        _take(transport, path, str(out[0]["id"]))
    name, category = _status(transport, path)
    if category == _DONE:
        raise Declined(f"still {name} after {STEPS} transitions")
    return name


def _take(transport: Transport, path: str, transition: str) -> None:
    """Send one transition, once; whether it happened is read afterwards, whatever the answer was."""
    answer = transport.send_once(f"{path}/transitions", {"transition": {"id": transition}})
    if isinstance(answer, Refused):
        raise Declined(f"HTTP {answer.status}: {answer.message}", answer.status)
    if isinstance(answer, RateLimited):
        raise UnavailableError(
            f"rate limit {answer.reason}", where=path, todo="try again after the wait", retry_after=answer.retry_after
        )


def _status(transport: Transport, path: str) -> tuple[str, str]:
    told = as_object(transport.read(path, {"fields": "status"}), "issue", "fields")
    status = told["fields"].get("status") or {}
    return shown(str(status.get("name", ""))), _category(status)


def _category(status: Mapping[str, Any]) -> str:
    return str((status.get("statusCategory") or {}).get("key", ""))
