"""What a plan may say of its tickets and of the effect check."""

from dataclasses import replace
from typing import Any

import pytest

from include.postmarket.model.plan import EffectCheck, TicketPolicy, TicketRoute
from include.postmarket.plans.ticket_content import ticket_findings
from tests.unit.backlog.worlds import PLAN


def faults(effect: EffectCheck | None = None, **ticket: Any) -> list[tuple[tuple[str | int, ...], str]]:
    """Give the faults of the small plan with other ticket keys or another effect check."""
    policy: TicketPolicy = replace(PLAN.ticket, **ticket)
    plan = replace(PLAN, ticket=policy, effect=effect or PLAN.effect)
    return [(finding.key, finding.message) for finding in ticket_findings(plan)]


def test_a_plan_without_further_keys_is_in_order() -> None:
    """Every further key has a default that holds."""
    assert faults() == []


@pytest.mark.parametrize(
    ("ticket", "key", "words"),
    [
        ({"priorities": {"urgent": "Blocker"}}, ("ticket", "priorities", "urgent"), "high, medium, low"),
        ({"rejected": ("won't do", "DONE")}, ("ticket", "rejected"), "'done' cannot mean"),
        ({"reopen_days": 0}, ("ticket", "reopen_days"), "at least 1 day"),
        ({"routes": (TicketRoute(project="SAFE"),)}, ("ticket", "routes", 0), "has no condition"),
        ({"routes": (TicketRoute(severity=3),)}, ("ticket", "routes", 0), "changes nothing"),
        (
            {"routes": (TicketRoute(requirements=("REQ-99",), project="SAFE"),)},
            ("ticket", "routes", 0, "requirements", 0),
            "never be taken",
        ),
        ({"effect": EffectCheck(months=0)}, ("effect", "months"), "at least 1 month"),
        ({"effect": EffectCheck(at_most=0.0)}, ("effect", "at_most"), "above 0"),
        ({"effect": EffectCheck(confidence=1.0)}, ("effect", "confidence"), "between 0 and 1"),
    ],
)
def test_a_fault_is_named_at_its_key(ticket: dict[str, Any], key: tuple[str | int, ...], words: str) -> None:
    """Each fault comes alone, with the path of its key and what would be right."""
    ((found, message),) = faults(**ticket)

    assert key == found
    assert words in message
