"""Which signatures a decision needs before anything happens, and which are missing."""

from include.postmarket.model.signal import SignalState
from include.postmarket.model.signature import NEEDED, Decision, Meaning, Needed, Subject
from include.postmarket.records.decisions import Signed
from include.postmarket.signals.lifecycle import Transition, find_move


def missing(found: Signed) -> tuple[Needed, ...]:
    """Give the signatures that a decision still needs; only valid ones on this version count."""
    given = {(s.meaning, s.role) for s in found.valid}
    return tuple(n for n in needed_of(found.decision) if (n.meaning, n.role) not in given)


def needed_of(decision: Decision) -> tuple[Needed, ...]:
    """Give the signatures that a decision needs."""
    if decision.subject is Subject.SIGNAL:
        source, target = SignalState(decision.content["from"]), SignalState(decision.content["to"])
        return needed_for_move(find_move(source, target))
    return NEEDED[decision.subject]


def needed_for_move(transition: Transition) -> tuple[Needed, ...]:
    """Give the signatures of a move: an approval where it has to be signed, a review of each of several roles."""
    if transition.signed:
        return tuple(Needed(meaning=Meaning.APPROVAL, role=role) for role in transition.roles)
    if len(transition.roles) > 1:
        return tuple(Needed(meaning=Meaning.REVIEW, role=role) for role in transition.roles)
    return ()
