"""What the commands print for people."""

import json
from collections.abc import Sequence

from rich.console import Console

from include.postmarket.backlog.doctor import Check, Verdict
from include.postmarket.backlog.preview import Preview
from include.postmarket.model.batch import Outcome
from include.postmarket.records.chain import Break
from include.postmarket.steps.filing import Filed


def outcome(console: Console, found: Outcome) -> None:
    """Print where the rows of a pull ended."""
    console.print(
        f"{found.landing.source.value}, {found.landing.window.start} to {found.landing.window.end} (end excluded), "
        f"{found.landing.label.value}: {found.pulled:,} pulled = {found.accepted:,} accepted + "
        f"{found.quarantined:,} quarantined + {found.superseded:,} already known"
    )
    for rule in found.rules:
        console.print(f"  {rule.rows} × {rule.rule.replace('_', ' ')}")
    console.print(
        f"  batch {found.landing.batch}; why: python -m include.postmarket checks report {found.landing.batch}"
    )


def filed(console: Console, found: Filed) -> None:
    """Print what a run of the filer did, ticket by ticket."""
    for ticket in found.tickets.outcomes:
        why = f": {ticket.reason}" if ticket.reason else ""
        console.print(f"{ticket.issue_key or ticket.dedupe_key} {ticket.result.value} ({ticket.signal_id}){why}")
        for note in ticket.notes:
            console.print(f"  {note}")
    console.print(
        ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in found.counts().items() if n) or "nothing to do"
    )


def verification(console: Console, found: Break | None) -> None:
    """Print whether the audit trail holds."""
    console.print("the audit trail holds: every record is as it was written" if found is None else f"BROKEN: {found}")


def checks(console: Console, made: Sequence[Check]) -> None:
    """Print what `doctor` found, and what to do about it."""
    for check in made:
        console.print(f"{check.verdict.value:8}{check.about}: {check.told}", markup=False)
        if check.todo:
            console.print(f"        to do: {check.todo}", markup=False)
    wrong = sum(check.verdict is Verdict.FAULT for check in made)
    warned = sum(check.verdict is Verdict.WARNING for check in made)
    console.print(f"{len(made)} checks, {wrong} faults, {warned} warnings")


def previews(console: Console, found: Sequence[Preview]) -> None:
    """Print what would be sent, as it would be sent."""
    for preview in found:
        console.print(f"{preview.signal_id}: {preview.what}", markup=False)
        for note in preview.notes:
            console.print(f"  {note}", markup=False)
        if preview.body is not None:
            console.print(json.dumps(preview.body, ensure_ascii=False, indent=1), markup=False)
    console.print(f"{len(found)} tickets and comments looked at, nothing was sent")
