"""What follows from a complete decision: a signal moves, a risk file has a next version. Safe to run at any time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from include.postmarket.model.errors import ConfigurationError, InputError, IntegrityError
from include.postmarket.model.risk import RiskFile, RiskUpdate
from include.postmarket.model.signal import SignalState
from include.postmarket.model.signature import Decision, Needed, Signature, Subject
from include.postmarket.records.codec import decode
from include.postmarket.records.decisions import Signed
from include.postmarket.records.risk_files import next_version
from include.postmarket.risk.decision import Decision as Review
from include.postmarket.risk.decision import revise
from include.postmarket.steps.deciding import Move, in_words, state_of
from include.postmarket.steps.house import House
from include.postmarket.steps.needed import missing
from include.postmarket.steps.people import WHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A decision that is not in force: the signatures it still needs, or why it cannot be carried out."""

    signed: Signed
    missing: tuple[Needed, ...]
    obstacle: str = ""


def carry_out(house: House, now: datetime) -> list[str]:
    """Do what is signed and not done yet; gives what was done. What cannot be done stays `waiting`, with the reason."""
    done: list[str] = []
    for subject in (Subject.RISK_UPDATE, Subject.SIGNAL):
        for found in house.decisions.newest(subject):
            if not missing(found) and not _obstacle(house, found):
                done += _done(house, found, now)
    return done


def waiting(house: House) -> list[Waiting]:
    """Give the decisions that are not in force, oldest first: what they miss, or what stands in the way."""
    found = []
    for subject in Subject:
        for signed in house.decisions.newest(subject):
            lacking, obstacle = missing(signed), _obstacle(house, signed)
            if lacking or obstacle:
                found.append(Waiting(signed=signed, missing=lacking, obstacle=obstacle))
    return found


def risk_updates_as_they_stand(house: House) -> tuple[RiskUpdate, ...]:
    """Give all risk updates, oldest first, as they were decided last, with their signatures once all are there."""
    decided = {found.decision.subject_id: found for found in house.decisions.newest(Subject.RISK_UPDATE)}
    return tuple(
        _as_it_stands(decided[update.id]) if update.id in decided else update for update in house.risk_updates.all()
    )


def _as_it_stands(found: Signed) -> RiskUpdate:
    update = decode(RiskUpdate, found.decision.content)
    return update if missing(found) else _with_signatures(update, found)


def _with_signatures(update: RiskUpdate, found: Signed) -> RiskUpdate:
    return replace(update, record=update.record | {"signatures": [_as_in_record(s) for s in found.valid]})


def _obstacle(house: House, found: Signed) -> str:
    """Say what keeps a complete decision from being carried out, empty when it can be or has been."""
    try:
        if found.decision.subject is Subject.RISK_UPDATE and not _is_in_force(house, found):
            _revised(house, found)
        if found.decision.subject is Subject.SIGNAL:
            _check_still_there(house, found.decision)
    except (ConfigurationError, InputError, IntegrityError) as error:  # what is down is no obstacle: it is raised
        return error.what
    return ""


def _done(house: House, found: Signed, now: datetime) -> Sequence[str]:
    decision = found.decision
    if decision.subject is Subject.SIGNAL:
        content = decision.content
        move = Move(
            signal_id=decision.subject_id,
            target=SignalState(content["to"]),
            reason=content["reason"],
            code=content["code"],
        )
        words = in_words(move, decision.user_id, *(s.user_id for s in found.valid))
        moved = house.signals.record_move(move.signal_id, SignalState(content["from"]), move.target, words, now)
        return [f"{move.signal_id} is {move.target.value}"] if moved else []
    if _is_in_force(house, found):
        return []
    revised = _revised(house, found)
    written = house.risk_file_of(decode(RiskUpdate, decision.content))
    fresh = house.risk_files.bring_in_force(written, revised, decision.subject_id, now)
    return [f"risk file {revised.id} is at version {revised.version}"] if fresh else []


def _is_in_force(house: House, found: Signed) -> bool:
    """Say whether a risk update's effect stands in the risk file, or it was decided that nothing changes there."""
    content = found.decision.content
    if content["record"]["decision"] != Review.ESTIMATE_UPDATED.value:
        return True
    return house.risk_files.has(found.decision.subject_id)


def _revised(house: House, found: Signed) -> RiskFile:
    update = decode(RiskUpdate, found.decision.content)
    signed = _with_signatures(update, found)
    current = house.risk_files.in_force(house.risk_file_of(update))
    return revise(current, signed, next_version(current.version)) if not missing(found) else current


def _as_in_record(signature: Signature) -> dict[str, str]:
    """Give a signature as the risk update record holds it."""
    return {
        "user_id": signature.user_id,
        "printed_name": signature.printed_name,
        "signed_utc": signature.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "meaning": signature.meaning.value,
        "record_sha256": signature.record_sha256,
    }


def _check_still_there(house: House, decision: Decision) -> None:
    state = state_of(house, decision.subject_id)
    source, target = SignalState(decision.content["from"]), SignalState(decision.content["to"])
    if state is source or _was_moved(house, decision.subject_id, source, target):
        return
    raise InputError(
        f"the signal is {state}, the decision was to go from {source} to {target}", where=WHERE, todo="decide again"
    )


def _was_moved(house: House, signal_id: str, source: SignalState, target: SignalState) -> bool:
    states = [event.state for event in house.signals.events(signal_id)]
    return any(pair == (source, target) for pair in pairwise(states))
