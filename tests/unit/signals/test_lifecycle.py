"""A signal moves only along the lifecycle, by those who may, signed where it must be."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.postmarket.model.role import Role
from include.postmarket.model.signal import SignalState
from include.postmarket.signals.lifecycle import (
    NOT_VALIDATED_CODES,
    TRANSITIONS,
    Act,
    Transition,
    TransitionRefusedError,
    check_move,
    find_move,
    is_open,
    moves_from,
)

ROLES_AS_WRITTEN = {
    "signal_reviewer": ((Role.SIGNAL_REVIEWER,), False),
    "medical+risk": ((Role.MEDICAL, Role.RISK), False),
    "quality approver (signed)": ((Role.QUALITY_APPROVER,), True),
    "owner": ((Role.OWNER,), False),
    "system": ((Role.SYSTEM,), False),
}


def act(*roles: Role, code: str = "", signature: str = "", reason: str = "evidence reviewed") -> Act:
    """Give an act of these roles."""
    return Act(roles=frozenset(roles), reason=reason, code=code, signature=signature)


@pytest.mark.shared
def test_lifecycle_is_the_projects_rule(shared: Path) -> None:
    """States, moves, roles and signatures are those of the project's signal lifecycle, no more and no fewer."""
    rules = json.loads((shared / "domain/rules/signal_lifecycle.json").read_text())
    written = {(source, target, *ROLES_AS_WRITTEN[role]) for source, target, role, _ in rules["transitions"]}

    assert rules["states"] == list(SignalState)
    assert written == {(move.source, move.target, move.roles, move.signed) for move in TRANSITIONS}


@pytest.mark.shared
def test_coded_answers_are_those_of_the_rule(shared: Path) -> None:
    """The closed lists of answers are spelt as in the project's move."""
    rules = json.loads((shared / "domain/rules/signal_lifecycle.json").read_text())
    needs = {(source, target): text for source, target, _, text in rules["transitions"]}

    for move in TRANSITIONS:
        expected = needs[move.source, move.target].removeprefix("reason code: ").split("|") if move.codes else []

        assert expected == list(move.codes)


@given(st.sampled_from(SignalState), st.sampled_from(SignalState))
def test_every_other_move_is_refused(source: SignalState, target: SignalState) -> None:
    """A pair of states that is not in the table is refused even to everybody together with a signature."""
    if any((move.source, move.target) == (source, target) for move in TRANSITIONS):
        return
    with pytest.raises(TransitionRefusedError, match=f"cannot go from {source} to {target}"):
        check_move(source, target, act(*Role, signature="a" * 64))


def test_refusal_names_the_moves_there_are() -> None:
    """Whoever is refused reads what is possible from here."""
    with pytest.raises(TransitionRefusedError, match="from detected the lifecycle allows validated, not_validated"):
        find_move(SignalState.DETECTED, SignalState.CLOSED_REFUTED)


def test_move_over_nothing_says_that_the_epoch_is_over() -> None:
    """From a reopened signal nothing goes on: its successor does."""
    with pytest.raises(TransitionRefusedError, match="this epoch is over"):
        find_move(SignalState.REOPENED, SignalState.DETECTED)


@pytest.mark.parametrize("move", TRANSITIONS, ids=lambda move: f"{move.source}-{move.target}")
def test_each_move_needs_each_of_its_roles(move: Transition) -> None:
    """Taking any one role away refuses the move; with all of them, code and signature it is given."""
    code = move.codes[0] if move.codes else ""

    assert move is check_move(move.source, move.target, act(*move.roles, code=code, signature="a" * 64))
    for role in move.roles:
        others = set(Role) - {role}
        with pytest.raises(TransitionRefusedError, match=f"role {role} has to take part"):
            check_move(move.source, move.target, act(*others, code=code, signature="a" * 64))


@pytest.mark.parametrize("target", [SignalState.CLOSED_REFUTED, SignalState.ACTION_DECIDED])
def test_signed_move_without_signature_is_refused(target: SignalState) -> None:
    """The approver's word alone closes nothing (G5)."""
    with pytest.raises(TransitionRefusedError, match="it needs a signature"):
        check_move(SignalState.ASSESSED, target, act(Role.QUALITY_APPROVER, code="none"))


def test_assessment_by_one_of_two_roles_is_refused() -> None:
    """Medical judgement without the risk side is half an assessment."""
    with pytest.raises(TransitionRefusedError, match="role risk has to take part"):
        check_move(SignalState.PRIORITISED, SignalState.ASSESSED, act(Role.MEDICAL))


@pytest.mark.parametrize("code", ["", "boring", "DUPLICATE"])
def test_unknown_code_is_refused(code: str) -> None:
    """A signal is not put aside for a reason that is not on the list."""
    with pytest.raises(TransitionRefusedError, match="is not one of data_fault, duplicate"):
        check_move(SignalState.DETECTED, SignalState.NOT_VALIDATED, act(Role.SIGNAL_REVIEWER, code=code))


def test_all_faults_are_named_at_once() -> None:
    """Role, reason, code and signature missing together are told together."""
    with pytest.raises(TransitionRefusedError) as refused:
        check_move(SignalState.ASSESSED, SignalState.ACTION_DECIDED, act(reason=" "))

    assert refused.value.what.count(";") == 3


def test_open_states_are_those_that_someone_still_has_to_handle() -> None:
    """Open is everything before a close; put aside, closed and reopened are over."""
    expected = {"detected", "validated", "prioritised", "assessed", "action_decided", "monitored"}

    assert expected == {state.value for state in SignalState if is_open(state)}


def test_moves_from_detected_offer_the_coded_reasons() -> None:
    """A page can offer the codes of a move without knowing them."""
    offered = {move.target: move.codes for move in moves_from(SignalState.DETECTED)}

    assert offered == {SignalState.VALIDATED: (), SignalState.NOT_VALIDATED: NOT_VALIDATED_CODES}
