"""What holds of every reconciliation, whatever the book and the run: order, repetition, completeness, uniqueness."""

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from include.postmarket.model.signal import Detection, SignalState
from include.postmarket.signals.reconcile import reconcile
from include.postmarket.signals.reconciliation import KnownSignal, Reconciliation
from tests.unit.signals.worlds import STAMP, detection, indicator, plan, risk_file, written

PLAN = plan(indicator(), indicator("IND-2"))
Book = tuple[KnownSignal, ...]


def run(*detections: Detection, book: Book = ()) -> Reconciliation:
    """Reconcile detections of the example plan."""
    return reconcile(PLAN, risk_file(), detections, book, STAMP)


points = st.builds(
    detection,
    st.integers(1, 5),
    st.sampled_from(["", "model=A", "model=B", "model=C"]),
    indicator_id=st.sampled_from(["IND-1", "IND-2"]),
    observed=st.integers(0, 40).map(float),
    expected=st.sampled_from([0.0, 4.0, 12.0]),
    alarm=st.booleans(),
)
runs = st.lists(points, max_size=25, unique_by=lambda d: d.key)
states = st.sampled_from([state for state in SignalState if state is not SignalState.REOPENED])


@st.composite
def books(draw: st.DrawFn) -> Book:
    """Give a book as earlier runs would have left it, with states moved on by people."""
    book: Book = ()
    for detections in draw(st.lists(runs, max_size=2)):
        book = written(book, run(*detections, book=book))
        latest = {row.signal.fingerprint: row.signal.epoch for row in sorted(book, key=lambda r: r.signal.epoch)}
        book = tuple(
            replace(row, state=draw(states)) if latest[row.signal.fingerprint] == row.signal.epoch else row
            for row in book
        )
    return book


@given(books(), runs, st.randoms(use_true_random=False))
def test_order_of_detections_and_book_does_not_matter(book: Book, detections: list[Detection], chance: Random) -> None:
    """Shuffled detections and a shuffled book give the same reconciliation, in the same order."""
    shuffled, shuffled_book = list(detections), list(book)
    chance.shuffle(shuffled)
    chance.shuffle(shuffled_book)

    assert run(*detections, book=book) == run(*shuffled, book=tuple(shuffled_book))


@given(books(), runs)
def test_reconciling_twice_adds_nothing(book: Book, detections: list[Detection]) -> None:
    """Once its result is in the book, the same run finds nothing new (G10)."""
    after = written(book, run(*detections, book=book))

    again = run(*detections, book=after)

    assert (again.opened, again.reopened, again.persisted, again.attached) == ((), (), (), ())


@given(books(), runs)
def test_every_alarm_is_accounted_for(book: Book, detections: list[Detection]) -> None:
    """Each alarm is opened, reopened, persisted, attached, withheld or repeated: in exactly one of them, none lost."""
    found = run(*detections, book=book)

    places = [
        {signal.opened_by.key for signal in found.opened},
        {reopening.signal.opened_by.key for reopening in found.reopened},
        *(
            {sighting.detection.key for sighting in sightings}
            for sightings in (found.persisted, found.attached, found.withheld, found.repeated)
        ),
    ]
    assert {d.key for d in detections if d.alarm} == set().union(*places)
    assert len(set().union(*places)) == sum(map(len, places))


@given(books(), runs)
def test_one_open_signal_per_fingerprint(book: Book, detections: list[Detection]) -> None:
    """However runs and people alternate, no key has two open signals, and no id is given twice (G3)."""
    after = written(book, run(*detections, book=book))

    over = {SignalState.NOT_VALIDATED, SignalState.CLOSED_CONFIRMED, SignalState.CLOSED_REFUTED, SignalState.REOPENED}
    still_open = [row.signal.fingerprint for row in after if row.state not in over]
    assert len(set(still_open)) == len(still_open)
    assert len({row.signal.id for row in after}) == len(after)
