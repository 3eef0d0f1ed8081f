"""From a plan to the one request that is sent: what the site's create screen and the requirement's issue allow.

A ticket is filed rather than held back where only its priority or its links are in the way; what was left out is told.
Without label, title or description it would be no ticket: then it is parked, in words that say what to add.
"""

from dataclasses import dataclass
from typing import Any

from include.postmarket.backlog.desk import SiteFacts
from include.postmarket.backlog.ports import CreateScreen, Declined, IssueDraft
from include.postmarket.model.canonical import digest
from include.postmarket.model.ticket import TicketPlan

NEEDED = ("summary", "description", "labels")


@dataclass(frozen=True, slots=True)
class Drafted:
    """What is sent, and what was left out and why."""

    draft: IssueDraft
    notes: tuple[str, ...]


def draft_issue(plan: TicketPlan, facts: SiteFacts) -> Drafted:
    """Give the request for a plan.

    Raises Declined when the project, its issue type or a needed field of its create screen is not there.
    """
    screen = facts.screen(plan.project, plan.issue_type)
    lacking = [name for name in NEEDED if name not in screen.fields]
    if lacking:
        raise Declined(
            f"the create screen of {plan.project}, {plan.issue_type}, lacks {', '.join(lacking)}: add them in Jira"
        )
    relation = facts.relation(plan.link_type)
    notes = [] if relation else [f"not linked: the site has no link type {plan.link_type!r}"]
    present = []
    for key in plan.requirement_issues:
        reason = facts.gone(key)
        if reason:
            notes.append(f"not linked to {key}: {reason}")
        else:
            present.append(key)
    priority = _priority(plan.priority, screen)
    if not priority:
        notes.append(f"filed without priority {plan.priority!r}: the create screen does not offer it")
    components = _components(plan, screen)
    fields, unset = _fields(plan, screen)
    notes += [*unset, *(f"filed without component {name!r}" for name in plan.components if name not in components)]
    draft = IssueDraft(
        project=plan.project,
        issue_type=plan.issue_type,
        priority=priority,
        labels=plan.labels,
        text=plan.text,
        components=components,
        fields=fields,
        relation=relation,
        links=tuple(present) if relation and "issuelinks" in screen.fields else (),
        dedupe_key=plan.dedupe_key,
        signal_id=plan.signal_id,
        revision=digest(plan)[:16],
    )
    return Drafted(draft, tuple(notes))


def _priority(wanted: str, screen: CreateScreen) -> str:
    if "priority" not in screen.fields or (screen.priorities and wanted not in screen.priorities):
        return ""
    return wanted


def _components(plan: TicketPlan, screen: CreateScreen) -> tuple[str, ...]:
    """Give those components of the plan that the create screen offers; Jira refuses the whole ticket for another."""
    return tuple(name for name in plan.components if "components" in screen.fields and name in screen.components)


def _fields(plan: TicketPlan, screen: CreateScreen) -> tuple[dict[str, Any], list[str]]:
    """Give the plan's further fields as the create screen wants them written, and what is not on the screen."""
    found = {
        name: written(value, screen.kinds.get(name, "string"))
        for name, value in plan.fields.items()
        if name in screen.fields
    }
    return found, [f"filed without field {name}: it is not on the create screen" for name in plan.fields.keys() - found]


def written(value: str, kind: str) -> Any:
    """Give a field's value as its kind is written: options and versions are objects, some are lists of them."""
    of, is_list = (kind.removeprefix("array of "), True) if kind.startswith("array of ") else (kind, False)
    one: Any = value
    if of == "option":
        one = {"value": value}
    elif of in {"version", "component", "priority", "user"}:
        one = {"name": value}
    elif of == "number":
        one = float(value)
    return [one] if is_list else one
