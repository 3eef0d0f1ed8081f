"""Reporting delay on a plain table: the tail of known events is corrected without bias, and nothing later is seen."""

import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from include.postmarket.model.errors import InputError
from include.postmarket.model.period import Cadence
from include.postmarket.steps.delay_table import Asked, Nowcast, nowcasts

AS_OF = date(2019, 1, 7)  # a Monday
WEEKS = 60
#: Chance of a delay of 0, 1, 2 and 3 weeks.
SHARES = np.array([0.4, 0.3, 0.2, 0.1])


def simulate(file: Path, series: int = 60, mean: float = 30.0) -> np.ndarray:
    """Write every event of 60 weeks, also those reported after the as-of day; gives the final counts."""
    rng = np.random.default_rng(7)
    final = rng.poisson(mean, (series, WEEKS))
    first = AS_OF - timedelta(weeks=WEEKS)
    with file.open("w", newline="") as target:
        rows = csv.writer(target)
        rows.writerow(["series", "event", "received"])
        for (s, week), n in np.ndenumerate(final):
            day = first + timedelta(weeks=week)
            rows.writerows([f"s{s:02d}", day, day + timedelta(weeks=int(d))] for d in rng.choice(4, n, p=SHARES))
    return final


def column(found: tuple[Nowcast, ...], name: str) -> np.ndarray:
    """Give a figure of all periods, (series, weeks)."""
    return np.array([getattr(line, name) for line in found], dtype=float).reshape(-1, WEEKS)


def test_the_known_tail_falls_and_the_corrected_one_does_not(tmp_path: Path) -> None:
    """Of the last four weeks 40, 70, 90 and 100 % are known; corrected, each has its 30 again; the interval covers."""
    final = simulate(tmp_path / "events.csv")
    found = nowcasts(Asked(source=tmp_path / "events.csv", cadence=Cadence.WEEK, longest=6, as_of=AS_OF)).periods
    known, expected = column(found, "reported"), column(found, "expected")
    inside = (column(found, "lower") <= final) & (final <= column(found, "upper"))

    assert (known / final)[:, -4:].mean(axis=0) == pytest.approx([1.0, 0.9, 0.7, 0.4], abs=0.03)
    assert column(found, "share")[:, -4:].mean(axis=0) == pytest.approx([1.0, 0.9, 0.7, 0.4], abs=0.01)
    assert expected[:, -3:].mean(axis=0) == pytest.approx(final[:, -3:].mean(axis=0), rel=0.05)
    assert inside[:, -3:].mean() > 0.93
    assert (known[:, :-3] == final[:, :-3]).all()


def test_what_comes_after_the_day_changes_nothing(tmp_path: Path) -> None:
    """The answer as of a day is that of the file as it was then: rows received later are not looked at."""
    simulate(tmp_path / "events.csv", series=2)
    lines = (tmp_path / "events.csv").read_text().splitlines()
    then = [lines[0], *(line for line in lines[1:] if line.rsplit(",", 1)[1] < AS_OF.isoformat())]
    (tmp_path / "then.csv").write_text("\n".join(then) + "\n")
    answers = [
        nowcasts(Asked(source=tmp_path / name, cadence=Cadence.WEEK, as_of=AS_OF))
        for name in ("events.csv", "then.csv")
    ]

    assert len(then) < len(lines)
    assert answers[0] == answers[1]


def test_reports_later_than_the_longest_delay_are_left_out_everywhere(tmp_path: Path) -> None:
    """A straggler of an old period would make it look fuller than a recent one can be: it is counted apart."""
    rows = [f"2018-{m:02d}-01,2018-{m:02d}-15" for m in range(1, 13) for _ in range(3)]
    (tmp_path / "events.csv").write_text("\n".join(["event,received", *rows, "2018-01-01,2018-09-01"]) + "\n")
    found = nowcasts(Asked(source=tmp_path / "events.csv", longest=3))

    assert (date(2019, 1, 1), 1) == (found.as_of, found.too_late)
    assert {(3, 1.0, 3.0)} == {(p.reported, p.share, p.expected) for p in found.periods}


@pytest.mark.parametrize(
    ("rows", "reason"),
    [(["2018-01-01,2018-01-02"] * 20, "history too short"), (["2018-01-01,2018-06-02"], "too few events")],
)
def test_too_little_is_not_evaluated(tmp_path: Path, rows: list[str], reason: str) -> None:
    """Two months, or one event: known counts with a reason, and no share."""
    (tmp_path / "events.csv").write_text("\n".join(["event,received", *rows]) + "\n")
    found = nowcasts(Asked(source=tmp_path / "events.csv")).periods

    assert {reason} == {line.reason for line in found}
    assert {None} == {line.share for line in found}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("event,received\n2018-01-01,2018-01-02\n2018-02-01,2018-01-02\n", "received lies before the event"),
        ("event,received\n2018-01-01,1.2.2018\n", "received is no day"),
        ("event,received\n,2018-01-02\n", "event is empty"),
        ("event\n2018-01-01\n", "column received is missing"),
    ],
)
def test_what_cannot_be_read_is_refused_by_line(tmp_path: Path, text: str, told: str) -> None:
    """A day that is none, one before the event, a missing column: with file and line."""
    (tmp_path / "events.csv").write_text(text)
    with pytest.raises(InputError, match=told) as refused:
        nowcasts(Asked(source=tmp_path / "events.csv"))

    assert "line" in refused.value.where


def test_a_day_within_a_period_is_refused(tmp_path: Path) -> None:
    """Half a month cannot be compared with whole ones."""
    (tmp_path / "events.csv").write_text("event,received\n2018-01-01,2018-01-02\n")
    with pytest.raises(InputError, match="not the first day"):
        nowcasts(Asked(source=tmp_path / "events.csv", as_of=date(2018, 1, 15)))
