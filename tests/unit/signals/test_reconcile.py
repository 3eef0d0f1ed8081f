"""Alarms become signals: once per key and epoch, whatever the order and however often."""

from dataclasses import replace
from typing import Any

import pytest

from include.postmarket.model.errors import InputError, IntegrityError
from include.postmarket.model.signal import Detection, Priority, SignalState
from include.postmarket.signals.reconcile import reconcile
from include.postmarket.signals.reconciliation import KnownSignal, Reconciliation
from tests.unit.signals.worlds import STAMP, detection, indicator, plan, risk_file, written

PLAN = plan(indicator(), indicator("IND-2"))
Book = tuple[KnownSignal, ...]


def run(*detections: Detection, book: Book = ()) -> Reconciliation:
    """Reconcile detections of the example plan."""
    return reconcile(PLAN, risk_file(), detections, book, STAMP)


def known(state: SignalState, *alarms: Detection, opened_by: Detection | None = None) -> Book:
    """Give a book with one signal, opened in January 2025 unless told, in a state, with later alarms."""
    signal = run(opened_by or detection(1)).opened[0]
    return (KnownSignal(signal=signal, state=state, alarms=alarms),)


def test_new_key_opens_epoch_one_with_what_the_indicator_guards() -> None:
    """The first alarm of a key opens one signal that carries requirements, risks, stamp and the opening detection."""
    alarm = detection(1, "model=A")

    found = run(alarm)

    signal = found.opened[0]
    assert (1, 1, alarm, STAMP) == (len(found.opened), signal.epoch, signal.opened_by, signal.stamp)
    assert (signal.requirements, signal.risks, signal.title) == (("REQ-1",), ("R4",), "Alarms of IND-1 (model=A)")
    assert "severity 4 of 5" in found.urgencies[signal.id]


def test_several_periods_of_one_run_open_at_the_oldest_and_persist_after() -> None:
    """A catch-up over three months opens one signal at the first alarm; the others persist on it, oldest first."""
    found = run(detection(3), detection(1), detection(2))

    assert [detection(1)] == [signal.opened_by for signal in found.opened]
    assert [detection(2), detection(3)] == [sighting.detection for sighting in found.persisted]
    assert {found.opened[0].id} == {sighting.signal_id for sighting in found.persisted}


@pytest.mark.parametrize("state", [SignalState.DETECTED, SignalState.ASSESSED, SignalState.MONITORED])
def test_alarm_on_an_open_signal_persists_once_per_period(state: SignalState) -> None:
    """An open signal takes the alarm of a new period, and not the one it has on record."""
    found = run(detection(2), detection(3), book=known(state, detection(2)))

    assert [detection(3)] == [sighting.detection for sighting in found.persisted]
    assert [detection(2)] == [sighting.detection for sighting in found.repeated]
    assert found.opened + found.reopened == ()


def test_a_period_missed_by_an_outage_persists_when_it_is_caught_up() -> None:
    """February is caught up after March: it is a period of the open signal that was not on record."""
    found = run(detection(2), book=known(SignalState.DETECTED, detection(3)))

    assert [detection(2)] == [sighting.detection for sighting in found.persisted]


def test_changed_counts_in_a_period_on_record_change_nothing() -> None:
    """Late reports raise January's count: the signal stays as it was when it was opened."""
    found = run(detection(1, observed=30.0), book=known(SignalState.DETECTED))

    assert (found.opened, found.persisted, found.reopened) == ((), (), ())
    assert [sighting.why for sighting in found.repeated] == ["already on record"]


def test_older_alarm_never_rewrites_the_opening_one() -> None:
    """A back-filled alarm from before the opening one is neither an opening nor a persistence."""
    book = known(SignalState.VALIDATED, opened_by=detection(5))

    found = run(detection(4), book=book)

    assert (found.opened, found.persisted, found.reopened) == ((), (), ())
    assert [sighting.why for sighting in found.repeated] == ["older than the alarm that opened the signal"]


def test_alarm_after_a_confirmed_close_starts_the_next_epoch() -> None:
    """A closed and confirmed signal stays closed; the same key alarms again and epoch 2 begins."""
    book = known(SignalState.CLOSED_CONFIRMED, detection(2))

    found = run(detection(6), book=book)

    reopening = found.reopened[0]
    assert (book[0].signal.id, SignalState.CLOSED_CONFIRMED) == (reopening.previous_id, reopening.state)
    assert (2, detection(6)) == (reopening.signal.epoch, reopening.signal.opened_by)
    assert reopening.signal.id != reopening.previous_id


def test_alarm_not_later_than_the_closed_signals_own_changes_nothing() -> None:
    """A period from within the life of a closed signal, seen again, does not open it."""
    found = run(detection(2), book=known(SignalState.CLOSED_CONFIRMED, detection(3)))

    assert found.reopened + found.opened == ()
    assert len(found.repeated) == 1


def test_reopened_signal_without_successor_is_taken_up_again() -> None:
    """A crash between closing the old epoch and writing the new one leaves no key that can never alarm."""
    found = run(detection(4), book=known(SignalState.REOPENED))

    assert [reopening.signal.epoch for reopening in found.reopened] == [2]


@pytest.mark.parametrize("state", [SignalState.CLOSED_REFUTED, SignalState.NOT_VALIDATED])
@pytest.mark.parametrize(("observed", "reopens"), [(14.9, False), (15.0, True)])
def test_refuted_key_needs_materially_more_evidence(state: SignalState, observed: float, *, reopens: bool) -> None:
    """The refuted alarm was twice the expected: three times (1.5 x 2) reopens, a little less is withheld."""
    found = run(detection(4, observed=observed), book=known(state))

    assert (reopens, not reopens) == (bool(found.reopened), bool(found.withheld))


def test_refuted_key_is_compared_with_its_strongest_alarm() -> None:
    """What was refuted includes the later, stronger alarms of the epoch, not only the opening one."""
    found = run(detection(4, observed=15.0), book=known(SignalState.CLOSED_REFUTED, detection(2, observed=14.0)))

    assert found.reopened == ()
    assert [sighting.why for sighting in found.withheld] == ["closed_refuted, and not materially more evidence"]


def test_refuted_key_reopens_when_its_priority_is_higher_now() -> None:
    """The risk file was changed since and the same alarm weighs more: a person looks again."""
    book = known(SignalState.CLOSED_REFUTED)
    low = (replace(book[0], signal=replace(book[0].signal, priority=Priority.LOW)),)

    found = run(detection(4), book=low)

    assert [reopening.why for reopening in found.reopened] == ["priority medium is higher than the low it had"]


def test_refuted_key_that_cannot_be_compared_goes_to_a_person() -> None:
    """No numbers to compare with is unknown, and unknown is not 'no more evidence' (G8)."""
    silent: dict[str, Any] = {"observed": None, "expected": None, "limit": None}
    book = known(SignalState.CLOSED_REFUTED, opened_by=detection(1, **silent))

    found = run(detection(4, **silent), book=book)

    assert len(found.reopened) == 1


def test_latest_epoch_counts() -> None:
    """With epoch 1 closed and epoch 2 open, an alarm persists on epoch 2, in whatever order the book comes."""
    first = known(SignalState.CLOSED_CONFIRMED)
    second = written(first, run(detection(3), book=first))

    found = run(detection(4), book=second[::-1])

    assert [second[1].signal.id] == [sighting.signal_id for sighting in found.persisted]


def test_open_signal_without_alarm_is_quiet() -> None:
    """An evaluated point without alarm, later than the last alarm, says that the signal is quiet."""
    calm = detection(2, alarm=False, observed=5.0)

    found = run(calm, book=known(SignalState.MONITORED))

    assert [calm] == [sighting.detection for sighting in found.quiet]
    assert found.unevaluated == ()


def test_quiet_says_nothing_of_a_period_before_the_last_alarm() -> None:
    """February without alarm is no news for a signal that alarmed in March."""
    found = run(detection(2, alarm=False), book=known(SignalState.MONITORED, detection(3)))

    assert found.quiet == ()


def test_open_signal_that_could_not_be_evaluated_says_so() -> None:
    """Not evaluated is never quiet (G7): the reason is handed on, and so is a series that is not there."""
    found = run(
        detection(2, evaluated=False, alarm=False, reason="exposure is zero or missing"),
        book=(*known(SignalState.DETECTED), *known(SignalState.DETECTED, opened_by=detection(1, "model=Z"))),
    )

    assert found.quiet == ()
    assert {"exposure is zero or missing", "the run has no series for this signal"} == {
        unevaluated.reason for unevaluated in found.unevaluated
    }


def test_closed_signal_is_neither_quiet_nor_unevaluated() -> None:
    """Nobody waits for news of a signal that is over."""
    found = run(detection(2, alarm=False), book=known(SignalState.CLOSED_CONFIRMED))

    assert (found.quiet, found.unevaluated) == ((), ())


def test_second_method_in_the_same_period_is_attached() -> None:
    """Two methods alarm for one key and period: one signal, the weaker one as context."""
    strong, weak = detection(1, observed=20.0), detection(1, method="cusum")

    found = run(weak, strong)

    assert [strong] == [signal.opened_by for signal in found.opened]
    assert [weak] == [sighting.detection for sighting in found.attached]


def test_subgroup_that_explains_the_total_carries_it() -> None:
    """Model A has 7 more than expected; without them the total is within its limit: one signal, for model A."""
    total = detection(1, observed=20.0, expected=12.0, limit=17.0)
    part = detection(1, "model=A", observed=11.0, expected=4.0, limit=8.0)
    calm = [detection(1, f"model={name}", alarm=False, observed=4.0) for name in "BC"]

    found = run(total, part, *calm)

    assert [signal.subgroup for signal in found.opened] == ["model=A"]
    assert [(found.opened[0].id, total)] == [(s.signal_id, s.detection) for s in found.attached]


def test_total_beyond_what_the_subgroup_explains_opens_too() -> None:
    """Model A has only 2 more than expected of a total that is 8 above: there is more, so both open."""
    total = detection(1, observed=20.0, expected=12.0, limit=17.0)
    part = detection(1, "model=A", observed=6.0, expected=4.0, limit=5.0)
    calm = [detection(1, f"model={name}", alarm=False) for name in "BC"]

    found = run(total, part, *calm)

    assert {"", "model=A"} == {signal.subgroup for signal in found.opened}


def test_general_problem_is_one_signal() -> None:
    """Three of four models alarm with the total: one signal for all, the models attached."""
    parts = [detection(1, f"model={name}") for name in "ABC"]

    found = run(detection(1, observed=40.0, expected=20.0, limit=28.0), *parts, detection(1, "model=D", alarm=False))

    assert [signal.subgroup for signal in found.opened] == [""]
    assert [d.subgroup for d in parts] == sorted(s.detection.subgroup for s in found.attached)


def test_subgroup_with_its_own_signal_persists_in_a_general_problem() -> None:
    """A known signal never loses its alarms to the signal for all."""
    book = known(SignalState.ASSESSED, opened_by=detection(1, "model=A"))

    found = run(detection(2), detection(2, "model=A"), detection(2, "model=B"), book=book)

    assert [book[0].signal.id] == [sighting.signal_id for sighting in found.persisted]
    assert [sighting.detection.subgroup for sighting in found.attached] == ["model=B"]


def test_total_with_its_own_signal_persists_though_a_subgroup_explains_it() -> None:
    """The signal for all is open already: it goes on, and the model that explains it opens its own."""
    total: dict[str, Any] = {"observed": 20.0, "expected": 12.0, "limit": 17.0}
    book = known(SignalState.VALIDATED, opened_by=detection(1, **total))
    part = detection(2, "model=A", observed=11.0, expected=4.0)
    calm = detection(2, "model=B", alarm=False)

    found = run(detection(2, **total), part, calm, book=book)

    assert [signal.subgroup for signal in found.opened] == ["model=A"]
    assert [sighting.detection.subgroup for sighting in found.persisted] == [""]


def test_withheld_subgroup_does_not_swallow_the_total() -> None:
    """A refuted subgroup without more evidence has no open signal, so the total opens: nothing disappears."""
    part: dict[str, Any] = {"observed": 11.0, "expected": 4.0, "limit": 8.0}
    book = known(SignalState.CLOSED_REFUTED, opened_by=detection(1, "model=A", **part))
    total = detection(4, observed=20.0, expected=12.0, limit=17.0)

    found = run(total, detection(4, "model=A", **part), detection(4, "model=B", alarm=False), book=book)

    assert [sighting.detection.subgroup for sighting in found.withheld] == ["model=A"]
    assert [signal.subgroup for signal in found.opened] == [""]


def test_detection_of_another_plan_is_refused() -> None:
    """A detection that the plan did not ask for is never reconciled in its name."""
    with pytest.raises(InputError, match="a detection of plan Q in a run of plan P"):
        run(detection(1, plan_id="Q"))


def test_unknown_indicator_is_refused() -> None:
    """An indicator that the plan version does not have says that plan and detections do not belong together."""
    with pytest.raises(InputError, match="no indicator IND-9"):
        run(detection(1, indicator_id="IND-9"))


def test_contradicting_detections_are_refused() -> None:
    """Two answers of one method for one point cannot both be the run's."""
    with pytest.raises(InputError, match="differ"):
        run(detection(1), detection(1, observed=11.0))


def test_signal_twice_in_the_book_is_refused() -> None:
    """The book is one row per signal (G3); two need a person."""
    book = known(SignalState.DETECTED)

    with pytest.raises(IntegrityError, match="is in the book twice"):
        run(detection(2), book=book * 2)


def test_signals_of_other_plans_are_left_out() -> None:
    """A book of all plans may be given: another plan's signals are neither quiet nor unevaluated here."""
    book = known(SignalState.DETECTED)
    foreign = (replace(book[0], signal=replace(book[0].signal, plan_id="Q")),)

    found = run(book=foreign)

    assert found.unevaluated == ()
