"""Back-test on planted outbreaks: when a signal would have been raised, on what was known, and nothing written."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from include.postmarket.model.batch import Source, Window
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.period import Period, periods
from include.postmarket.records.engine import reading
from include.postmarket.records.tables import METADATA
from include.postmarket.signals.known_events import KnownEvent
from include.postmarket.steps import backtest_report, detect, ingest
from include.postmarket.steps.backtest import KnownBy, Question, Replay, replay
from include.postmarket.steps.house import House
from tests.faults.loop.small_site import NOW, SmallSite, make_site, report
from tests.postgres import RecordsDatabase, engine, records

__all__ = ["engine", "records"]
pytestmark = pytest.mark.postgres

JANUARY, AUGUST, NOVEMBER = (Period(date(2017, month, 1)) for month in (1, 8, 11))
MAKER = "manufacturer=Biomet France"


@pytest.fixture(autouse=True)
def _disposed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give back the connections of every house that a test opens."""
    opened: list[House] = []
    straight = SmallSite.house

    def kept(site: SmallSite, database_url: str = "") -> House:
        opened.append(straight(site, database_url))
        return opened[-1]

    monkeypatch.setattr(SmallSite, "house", kept)
    yield
    for house in opened:
        if "engine" in vars(house):  # opened on first use only
            house.engine.dispose()


@pytest.fixture(name="site")
def _site(tmp_path: Path, records: RecordsDatabase) -> SmallSite:
    """Give a site that pulled eleven months in one go: five reports a month, and 40 in August and September."""
    site = make_site(tmp_path, records.url())
    counts = [5, 5, 5, 5, 5, 5, 5, 40, 40, 5, 5]
    days = [
        month.start + timedelta(days=k % 28)
        for month, n in zip(periods(JANUARY, NOVEMBER), counts, strict=True)
        for k in range(n)
    ]
    site.write(Source.REPORTS, [report(n, day) for n, day in enumerate(days)])
    site.pull(Source.REPORTS, NOVEMBER, JANUARY.start)
    return site


def ask(house: House, *, last: Period = NOVEMBER, known_by: KnownBy = KnownBy.RECEIVED) -> Replay:
    """Replay the bone cement plan from January on."""
    question = Question(dossier=house.dossier("bone-cement"), first=JANUARY, last=last, known_by=known_by)
    return replay(house, question, lambda _: None)


def test_a_planted_outbreak_is_raised_in_its_month(site: SmallSite) -> None:
    """Forty reports after seven months of five: raised on 1 September, alarming once more, and in no month before."""
    told = backtest_report.report(ask(site.house()), [], 12)
    (signal,) = [s for s in told["signals"] if s["indicator"] == "BC-REPORTS-ALL"]

    assert ("2017-08-01", "2017-09-01", 40.0) == (signal["month"], signal["raised"], signal["observed"])
    assert signal["alarms_after"] >= 1
    assert {"2017-09-01"} == {s["raised"] for s in told["signals"]}
    assert sum(m["alarms"] for m in told["months"][:7]) == 0


def test_the_future_is_not_known(site: SmallSite) -> None:
    """What is said of a month does not depend on how far the replay goes, though later rows lie in the same batch."""
    short, long = (ask(site.house(), last=last) for last in (AUGUST, NOVEMBER))

    assert short.months == long.months[:8]
    assert [k.signal for k in short.book] == [k.signal for k in long.book]


def test_it_is_what_the_monthly_run_says(site: SmallSite) -> None:
    """Each month has the run id and the detections of `detect.evaluate` for it."""
    house = site.house()
    found = ask(house)

    for month in found.months[6:9]:
        run = detect.evaluate(house, "bone-cement", month.period, NOW)
        assert month.run_id == run.run_id
        assert month.detections == house.detections.detections(run.run_id)


def test_nothing_is_written(site: SmallSite) -> None:
    """No row in any table and no file in the lake is new: no signal, no ticket, no run, no snapshot."""

    def state() -> tuple[dict[str, int], list[Path]]:
        with reading(site.house().engine) as connection:
            count = {
                t.name: connection.execute(select(func.count()).select_from(t)).scalar_one()
                for t in METADATA.sorted_tables
            }
        return count, sorted(site.home.rglob("*"))

    before = state()
    found = ask(site.house())

    assert found.book
    assert before == state()


def test_known_events_are_found_with_lag_or_missed_with_reason(site: SmallSite) -> None:
    """The outbreak is found; an event of a quiet indicator and one before the history say why they were missed."""
    events = [
        KnownEvent(day=date(2017, 8, 15), label="outbreak", indicator="BC-REPORTS-BY-MAKER", subgroup=MAKER),
        KnownEvent(day=date(2017, 8, 15), label="never", indicator="BC-HARM"),
        KnownEvent(day=date(2016, 1, 15), label="too early"),
    ]
    told = backtest_report.report(ask(site.house()), events, 3)
    by_label = {e["label"]: e for e in told["events"]}
    rows = backtest_report.rows(told)

    assert (by_label["outbreak"]["lead_days"], by_label["outbreak"]["month"]) == (-17, "2017-08-01")
    assert by_label["never"]["why"].startswith("quiet")
    assert by_label["too early"]["why"].startswith("no series")
    assert ["never", "too early"] == [r["event"] for r in rows if r["kind"] == "missed"]
    assert len(told["signals"]) == sum(r["kind"] == "signal" for r in rows)


def test_what_could_not_be_evaluated_is_told(site: SmallSite) -> None:
    """The first six months have too little history: they are told with their reason, and are not quiet."""
    told = backtest_report.report(ask(site.house()), [], 12)
    short = [n for n in told["not_evaluated"] if n["indicator"] == "BC-REPORTS-ALL"]

    assert [("history too short", 6)] == [(n["reason"], len(n["months"])) for n in short]
    assert all(i["evaluated"] <= i["points"] for i in told["indicators"])


def test_another_plan_says_what_it_would_have_found(site: SmallSite) -> None:
    """A candidate that asks for 50 events a month raises nothing: the answer is the candidate's, not the site's."""
    house = site.house()
    dossier = house.dossier("bone-cement")
    strict = tuple(replace(i, minimum_events=50) for i in dossier.plan.indicators)
    candidate = replace(dossier, plan=replace(dossier.plan, version="2.0", indicators=strict))
    found = replay(house, Question(dossier=candidate, first=JANUARY, last=NOVEMBER), lambda _: None)

    assert found.book == ()
    assert ask(house).book != ()


def test_history_pulled_late_is_known_by_its_rows_only(site: SmallSite) -> None:
    """All was pulled in 2018: by the rows the outbreak is raised in 2017, by the pulls on the day of the pull."""
    house = site.house()
    told = {k: backtest_report.report(ask(house, known_by=k), [], 12) for k in KnownBy}

    assert {"2017-09-01"} == {s["raised"] for s in told[KnownBy.RECEIVED]["signals"]}
    assert {NOW.date().isoformat()} == {s["raised"] for s in told[KnownBy.PULLED]["signals"]}
    assert [11, 11] == [t["pulled_late"] for t in told.values()]


def test_a_later_pull_is_not_known_by_pull(tmp_path: Path, records: RecordsDatabase) -> None:
    """Thirty late reports of August, pulled in November: by pull August was quiet, by the day received it was not."""
    site = make_site(tmp_path, records.url())
    house = site.house()

    def pull(month: Period, august: int, day: datetime, start: date) -> None:
        months = periods(JANUARY, AUGUST)
        counts = [5] * 7 + [august]
        days = [m.start + timedelta(days=k % 28) for m, n in zip(months, counts, strict=True) for k in range(n)]
        site.write(Source.REPORTS, [report(n, d) for n, d in enumerate(days)])
        landed = ingest.land_source(house, Source.REPORTS, Window(start, month.end), day)
        ingest.accept_batch(house, landed.batch, day)

    pull(AUGUST, 5, datetime(2017, 9, 1, 5, tzinfo=UTC), JANUARY.start)
    pull(AUGUST, 35, datetime(2017, 11, 20, tzinfo=UTC), AUGUST.start)
    received, pulled = (ask(house, last=AUGUST, known_by=k) for k in KnownBy)

    assert [k.signal.opened_by.period for k in received.book if k.signal.indicator_id == "BC-REPORTS-ALL"] == [AUGUST]
    assert pulled.book == ()
    assert date(2017, 9, 1) == pulled.months[-1].raised
    assert pulled.months[-1].run_id != received.months[-1].run_id


def test_months_the_wrong_way_round_are_refused(site: SmallSite) -> None:
    """The last month before the first: an error, not an empty answer."""
    house = site.house()
    with pytest.raises(ConfigurationError, match="lies before"):
        replay(house, Question(dossier=house.dossier("bone-cement"), first=AUGUST, last=JANUARY), lambda _: None)
