"""The lifecycle of a signal: which state may follow which, who may move it, and where a signature is needed (G5).

The table follows the project's rules after the stages of FDA's emerging-signals guidance (2016): identification,
refinement, evaluation. A closed signal never runs again: when its key alarms after the close, its state becomes
``reopened`` and the next epoch starts as ``detected``, so that what was signed stays as it was signed.
"""

from dataclasses import dataclass

from include.postmarket.model.errors import InputError
from include.postmarket.model.role import Role
from include.postmarket.model.signal import SignalState


class TransitionRefusedError(InputError):
    """The move is not in the lifecycle, or the one who asks may not make it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One allowed move. All of ``roles`` have to take part; ``codes`` is the closed list of answers, if any."""

    source: SignalState
    target: SignalState
    roles: tuple[Role, ...]
    signed: bool
    needs: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What someone brings to a move: the roles of those who take part, why, and the hash of the signed record.

    ``code`` is the coded answer where the move has a closed list. ``signature`` is the SHA-256 of the record that was
    signed, empty when nothing was; whether that signature is valid is for `records` to say.
    """

    roles: frozenset[Role]
    reason: str
    code: str = ""
    signature: str = ""


NOT_VALIDATED_CODES = ("data_fault", "duplicate", "known_and_within_threshold", "insufficient")
ACTION_CODES = ("none", "monitor", "risk file update", "CAPA", "FSCA", "trend report", "MDR/MIR", "label")

TRANSITIONS: tuple[Transition, ...] = (
    Transition(
        source=SignalState.DETECTED,
        target=SignalState.VALIDATED,
        roles=(Role.SIGNAL_REVIEWER,),
        signed=False,
        needs="evidence reviewed, not duplicate, not data fault",
    ),
    Transition(
        source=SignalState.DETECTED,
        target=SignalState.NOT_VALIDATED,
        roles=(Role.SIGNAL_REVIEWER,),
        signed=False,
        needs="reason code",
        codes=NOT_VALIDATED_CODES,
    ),
    Transition(
        source=SignalState.VALIDATED,
        target=SignalState.PRIORITISED,
        roles=(Role.SIGNAL_REVIEWER,),
        signed=False,
        needs="severity, novelty, strength, exposure",
    ),
    Transition(
        source=SignalState.PRIORITISED,
        target=SignalState.ASSESSED,
        roles=(Role.MEDICAL, Role.RISK),
        signed=False,
        needs="causality, affected population, ISO 14971 10.3 questions answered",
    ),
    Transition(
        source=SignalState.ASSESSED,
        target=SignalState.ACTION_DECIDED,
        roles=(Role.QUALITY_APPROVER,),
        signed=True,
        needs="the action",
        codes=ACTION_CODES,
    ),
    Transition(
        source=SignalState.ACTION_DECIDED,
        target=SignalState.MONITORED,
        roles=(Role.OWNER,),
        signed=False,
        needs="effectiveness criterion + date",
    ),
    Transition(
        source=SignalState.MONITORED,
        target=SignalState.CLOSED_CONFIRMED,
        roles=(Role.QUALITY_APPROVER,),
        signed=True,
        needs="criterion met",
    ),
    Transition(
        source=SignalState.ASSESSED,
        target=SignalState.CLOSED_REFUTED,
        roles=(Role.QUALITY_APPROVER,),
        signed=True,
        needs="rationale",
    ),
    Transition(
        source=SignalState.CLOSED_CONFIRMED,
        target=SignalState.REOPENED,
        roles=(Role.SYSTEM,),
        signed=False,
        needs="same key alarms again after close",
    ),
    Transition(
        source=SignalState.CLOSED_REFUTED,
        target=SignalState.REOPENED,
        roles=(Role.SYSTEM,),
        signed=False,
        needs="same key alarms with materially more evidence",
    ),
)

#: States in which the epoch is over: the next alarm belongs to a new epoch or to none, never to this one.
OVER = frozenset(
    {
        SignalState.NOT_VALIDATED,
        SignalState.CLOSED_CONFIRMED,
        SignalState.CLOSED_REFUTED,
        SignalState.REOPENED,
    }
)


def is_open(state: SignalState) -> bool:
    """Say whether someone still has to handle the signal."""
    return state not in OVER


def moves_from(state: SignalState) -> tuple[Transition, ...]:
    """Give every move that the lifecycle allows from a state; empty for ``not_validated`` and ``reopened``."""
    return tuple(move for move in TRANSITIONS if move.source is state)


def find_move(source: SignalState, target: SignalState) -> Transition:
    """Give the move between two states.

    Raises TransitionRefusedError when the lifecycle has none, naming the ones it has.
    """
    for move in moves_from(source):
        if move.target is target:
            return move
    allowed = ", ".join(move.target for move in moves_from(source)) or "nothing: this epoch is over"
    raise TransitionRefusedError(
        f"a signal cannot go from {source} to {target}",
        where="signal lifecycle",
        todo=f"from {source} the lifecycle allows {allowed}",
    )


def check_move(source: SignalState, target: SignalState, act: Act) -> Transition:
    """Give the move if the act satisfies it.

    Raises TransitionRefusedError when the lifecycle has no such move, a role is missing, no reason is given, the coded
    answer is not on the move's list, or the signature it needs is missing. All that is missing is named at once.
    """
    move = find_move(source, target)
    faults = _faults(move, act)
    if faults:
        raise TransitionRefusedError(
            f"{source} to {target} refused: {'; '.join(faults)}",
            where="signal lifecycle",
            todo=f"bring what this move needs: {move.needs}",
        )
    return move


def _faults(move: Transition, act: Act) -> tuple[str, ...]:
    missing = [role for role in move.roles if role not in act.roles]
    found = [f"role {role} has to take part" for role in missing]
    if not act.reason.strip():
        found.append("no reason given")
    if move.codes and act.code not in move.codes:
        found.append(f"code {act.code!r} is not one of {', '.join(move.codes)}")
    if move.signed and not act.signature:
        found.append("it needs a signature")
    return tuple(found)
