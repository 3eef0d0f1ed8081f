"""What people decide: the move of a signal, the answers of a risk update, the release of a plan.

A decision is a version of a record. What needs signatures waits for them (`signing`), what needs none is done at once.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from include.postmarket.model.canonical import digest, plain
from include.postmarket.model.errors import InputError, IntegrityError
from include.postmarket.model.risk import RiskUpdate
from include.postmarket.model.role import Role
from include.postmarket.model.signal import SignalState
from include.postmarket.model.signature import Decision, Subject
from include.postmarket.records.decisions import Signed
from include.postmarket.risk.decision import Verdict, decide
from include.postmarket.signals.lifecycle import Act, check_move, find_move
from include.postmarket.steps.house import House
from include.postmarket.steps.needed import missing, needed_for_move
from include.postmarket.steps.people import WHERE, Person, proven


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What a person wants of a signal: another state, with the reason and, where the move has a list, its code."""

    signal_id: str
    target: SignalState
    reason: str
    code: str = ""


def move_signal(house: House, person: Person, move: Move, now: datetime) -> Signed | None:
    """Move a signal, or write the move down where it needs signatures first; gives that decision, None when moved.

    Raises RefusedError for who may not, TransitionRefusedError for a move that the lifecycle does not know or that
    lacks a reason or a code, InputError when there is no such signal.
    """
    state = state_of(house, move.signal_id)
    transition = find_move(state, move.target)
    needed = needed_for_move(transition)
    roles = {n.role for n in needed} or set(transition.roles)
    proposer = proven(house, person, roles | ({Role.SIGNAL_REVIEWER, Role.OWNER} if needed else set()), now)
    if not needed:
        check_move(state, move.target, Act(roles=frozenset(transition.roles), reason=move.reason, code=move.code))
        house.signals.record_move(move.signal_id, state, move.target, in_words(move, proposer.user_id), now)
        return None
    check_move(
        state,
        move.target,
        Act(roles=frozenset(transition.roles), reason=move.reason, code=move.code, signature="to come"),
    )
    return _decided(
        house,
        Decision(
            subject=Subject.SIGNAL,
            subject_id=move.signal_id,
            version=_version(house, Subject.SIGNAL, move.signal_id),
            user_id=proposer.user_id,
            at=now,
            content={"from": state.value, "to": move.target.value, "code": move.code, "reason": move.reason},
        ),
    )


def decide_risk_update(house: House, person: Person, update_id: str, verdict: Verdict, now: datetime) -> Signed:
    """Write a person's answers and decision into a drafted risk update, as the next version of its decision.

    The answers are given on the risk file in force. Raises RefusedError unless the person acts in risk management,
    InputError naming every fault of the verdict, IntegrityError when the risk has changed since the draft.
    """
    deciding = proven(house, person, {Role.RISK}, now)
    drafted = house.risk_updates.update(update_id)
    if drafted is None:
        raise InputError(f"there is no risk update {update_id!r}", where=WHERE, todo="take its id from the list")
    filled = decide(_on_file_in_force(house, drafted), verdict)
    return _decided(
        house,
        Decision(
            subject=Subject.RISK_UPDATE,
            subject_id=update_id,
            version=_version(house, Subject.RISK_UPDATE, update_id),
            user_id=deciding.user_id,
            at=now,
            content=plain(filled),
        ),
    )


def propose_plan(house: House, person: Person, plan_id: str, now: datetime) -> Signed:
    """Put the plan as it is loaded, with its register and risk file, before those who release it."""
    owner = proven(house, person, {Role.OWNER}, now)
    content = plan_content(house, plan_id)
    return _decided(
        house,
        Decision(
            subject=Subject.PLAN,
            subject_id=plan_id,
            version=_version(house, Subject.PLAN, plan_id),
            user_id=owner.user_id,
            at=now,
            content=content,
        ),
    )


def plan_content(house: House, plan_id: str) -> dict[str, Any]:
    """Give what a signature under a plan covers: the plan itself, and the digests of what it stands on."""
    dossier = house.dossier(plan_id)
    content: dict[str, Any] = plain(
        {
            "plan": dossier.plan,
            "requirements_sha256": digest(dossier.requirements),
            "risk_file": f"{dossier.risk_file.id}@{dossier.risk_file.version}",
            "risk_file_sha256": digest(dossier.risk_file),
        }
    )
    return content


def is_released(house: House, plan_id: str) -> bool:
    """Say whether the plan, exactly as it is loaded, carries every signature it needs."""
    found = house.decisions.latest(Subject.PLAN, plan_id)
    return found is not None and found.decision.content == plan_content(house, plan_id) and not missing(found)


def state_of(house: House, signal_id: str) -> SignalState:
    """Give the state of a signal. Raises InputError when there is no such signal."""
    kept = house.signals.signal(signal_id)
    if kept is None:
        raise InputError(f"there is no signal {signal_id!r}", where=WHERE, todo="take its id from the list")
    return kept.state


def in_words(move: Move, *users: str) -> str:
    """Give the reason of a move as its event keeps it: code, words, and who took part."""
    code = f"{move.code}: " if move.code else ""
    return f"{code}{move.reason} ({', '.join(users)})"


def _decided(house: House, draft: Decision) -> Signed:
    made = house.decisions.decide(draft)
    found = house.decisions.latest(made.subject, made.subject_id)
    if found is None:
        raise IntegrityError(
            "a decision was not found after it was written",
            where=WHERE,
            todo="run `audit verify`; a person has to look",
        )
    return found


def _version(house: House, subject: Subject, subject_id: str) -> int:
    last = house.decisions.latest(subject, subject_id)
    return last.decision.version if last else 0


def _on_file_in_force(house: House, drafted: RiskUpdate) -> RiskUpdate:
    """Give the draft on the risk file in force, which may have moved on for other risks since."""
    written = house.risk_file_of(drafted)
    current = house.risk_files.in_force(written)
    record = drafted.record
    before = record["before"]
    items = [(i.severity, i.p1, i.p2) for i in current.items if i.id == drafted.risk_id]
    if items != [(before["severity"], before["p1"], before["p2"])]:
        raise IntegrityError(
            f"risk {drafted.risk_id} has changed since this update was drafted",
            where=f"risk file {current.id}@{current.version}",
            todo="its evidence may be counted already: wait for the next signal's draft, on the risk file in force",
        )
    moved = record | {"risk_ref": record["risk_ref"] | {"risk_file_version": current.version}}
    return replace(drafted, record=moved)
