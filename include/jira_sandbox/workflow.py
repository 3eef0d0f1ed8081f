"""Moving an issue through the workflow."""

from dataclasses import replace
from typing import Any

from include.jira_sandbox.catalogue import Transition, status_of, transitions_from
from include.jira_sandbox.errors import FieldError, RefusedError
from include.jira_sandbox.field_values import read_resolution
from include.jira_sandbox.fields import off_screen
from include.jira_sandbox.issue import Issue
from include.jira_sandbox.session import Session
from include.jira_sandbox.site_views import show_status


def read_transition(issue: Issue, given: Any) -> Transition:
    """Return the transition that a request names by id and that the issue may take now; raise RefusedError 400."""
    wanted = given.get("id") if isinstance(given, dict) else None
    # The document says string; Jira's own reader also takes the number that atlassian-python-api sends.
    if type(wanted) is int:
        wanted = str(wanted)
    if not isinstance(wanted, str):
        raise RefusedError(400, "Missing 'transition' identifier")
    for transition in transitions_from(issue.status_id):
        if transition.id == wanted:
            return transition
    raise RefusedError(400, f"Transition id '{wanted[:20]}' is not valid for this issue.")


def take_transition(session: Session, issue: Issue, transition: Transition, resolution: Any) -> Issue:
    """Return the issue after a transition; `resolution` is the request's own choice, None for the workflow's.

    Only transitions that resolve have the resolution on their screen; raises RefusedError 400 for it elsewhere.
    """
    resolution_id = transition.resolution.id if transition.resolution else None
    if resolution is not None:
        if resolution_id is None:
            raise RefusedError(400, errors={"resolution": off_screen("resolution")})
        try:
            resolution_id = read_resolution(resolution)
        except FieldError as refusal:
            raise RefusedError(400, errors={"resolution": refusal.message}) from refusal
    moved = status_of(issue.status_id).category != transition.target.category
    return replace(
        issue,
        status_id=transition.target.id,
        resolution_id=resolution_id,
        resolved=session.caller.now if resolution_id else None,
        category_changed=session.caller.now if moved else issue.category_changed,
    )


def show_transition(session: Session, transition: Transition) -> dict[str, Any]:
    """Return the IssueTransition of the contract."""
    return {
        "id": transition.id,
        "name": transition.name,
        "to": show_status(session, transition.target),
        "hasScreen": transition.resolution is not None,
        "isGlobal": False,
        "isInitial": False,
        "isAvailable": True,
        "isConditional": False,
        "looped": False,
    }
