"""What the views decide: which batches still wait, which alarms are a signal's own, how far a draft has come."""

from dataclasses import replace
from datetime import date

from include.postmarket.model.batch import Label, Outcome, Source, Window
from include.postmarket.model.signal import SignalState
from include.postmarket.pages.reading import ordered
from include.postmarket.pages.views.data import waiting_batches
from include.postmarket.pages.views.risk import Standing, standing
from include.postmarket.pages.views.signals import own_alarms, todo
from include.postmarket.records.signal_book import KeptSignal
from tests.unit.records import samples

ANSWERED = dict.fromkeys(
    ("new_hazard", "risk_no_longer_acceptable", "overall_residual_risk", "state_of_the_art_changed"), "no"
)


def pulled(sha: str, source: Source = Source.COMPLAINTS, stopped: str = "", end: int = 4) -> Outcome:
    """Give a pull from March to before the first of a month."""
    found = samples.outcome(sha * 64, source)
    window = Window(date(2026, 3, 1), date(2026, end, 1))
    return replace(found, stopped=stopped, landing=replace(found.landing, window=window))


def test_stopped_batch_waits_until_its_days_are_pulled_again() -> None:
    """A later accepted pull of the same source and days, or more, replaces it; any other one does not."""
    stopped = pulled("1", stopped="too many bad rows", end=5)
    others = (pulled("2", end=4), pulled("3", Source.REPORTS, end=5), pulled("4", stopped="again", end=5))

    assert (stopped, others[2]) == waiting_batches((stopped, *others), ())
    assert () == waiting_batches((stopped, *others, pulled("5", end=6)), ())
    assert (stopped,) == waiting_batches((pulled("5", end=6), stopped), ())


def test_own_alarms_are_of_the_same_series() -> None:
    """What a signal carries of other subgroups or methods is not counted as its own alarm."""
    april, other = samples.detection(month=4), samples.detection("model=A", month=5)
    second_method = replace(samples.detection(month=6), method="cusum")
    kept = KeptSignal(signal=samples.signal(), state=SignalState.DETECTED, alarms=(april, other, second_method))

    assert (samples.detection(), april) == own_alarms(kept)


def test_every_state_says_what_is_to_be_done() -> None:
    """No state of the lifecycle is left without words."""
    assert all(todo(state) for state in SignalState)


def test_draft_is_undecided_until_a_person_has_answered_everything() -> None:
    """An answer that is missing counts as not given; a signature ends the waiting (G8: unknown leads to a person)."""
    draft = samples.risk_update()
    half = replace(draft, record={"question_answers": ANSWERED | {"new_hazard": "undetermined"}})
    decided = replace(draft, record={"question_answers": ANSWERED, "signatures": []})
    signed = replace(draft, record={"question_answers": ANSWERED, "signatures": [{"by": "x"}]})

    expected = [Standing.UNDECIDED, Standing.UNDECIDED, Standing.DECIDED, Standing.SIGNED]

    assert expected == [standing(update) for update in (draft, half, decided, signed)]


def test_least_trusted_label_comes_first() -> None:
    """One simulated source makes the whole a simulation."""
    assert ordered({Label.REAL, Label.SIMULATED}) == (Label.SIMULATED, Label.REAL)
