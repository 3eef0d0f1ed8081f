"""Counts and exposure: every record counted once, in the right place, with its key; what was not seen is no zero."""

from datetime import date
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.postmarket.model.batch import Source, Window
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.period import Cadence, Period, periods
from include.postmarket.model.plan import Indicator, Method
from include.postmarket.series.counts import MONTHLY_FIGURES, REPORTING_COUNT, HeldRows, Rows, count, record_ids

QUARTER = periods(Period(date(2024, 1, 1)), Period(date(2024, 3, 1)))
JANUARY, FEBRUARY, MARCH = QUARTER
ALL = (Window(date(2024, 1, 1), date(2024, 4, 1)),)


def _indicator(**given_: Any) -> Indicator:
    settings_: dict[str, Any] = {"source": Source.COMPLAINTS} | given_
    return Indicator(id="I-1", title="t", method=Method(name="shewhart"), **settings_)


def _complaints(*rows: tuple[str, str, str, str | None], coverage: tuple[Window, ...] = ALL) -> Rows:
    columns = ["complaint_id", "received", "problem_code", "software_version"]
    frame = pd.DataFrame(rows, columns=columns, dtype="str")
    return Rows(frame=frame.assign(received=frame["received"].astype("datetime64[s]"), lot="L1"), coverage=coverage)


def _exposure(*rows: tuple[str, str, float], coverage: tuple[Window, ...] = ALL) -> Rows:
    frame = pd.DataFrame(rows, columns=["period", "software_version", "device_days"])
    frame = frame.assign(
        period=frame["period"].astype("datetime64[s]"),
        software_version=frame["software_version"].astype("str"),
        device_days=frame["device_days"].astype("float64"),
    )
    return Rows(frame=frame, coverage=coverage)


ROWS = (
    ("C-1", "2024-01-01", "A0705", "2.0"),
    ("C-2", "2024-01-31", "A070502", "2.1"),
    ("C-3", "2024-03-31", "A0705", "2.1"),
    ("C-4", "2024-03-02", "A14", None),
    ("C-5", "2024-04-01", "A0705", "2.0"),
    ("C-6", "2023-12-31", "A0705", "2.0"),
)


def test_first_and_last_day_of_a_period_belong_to_it() -> None:
    """A record counts in the month of its day; records outside of the periods count nowhere."""
    series = count(_complaints(*ROWS), _exposure(), _indicator(), QUARTER)

    expected = [[2.0, 0.0, 2.0]]
    assert expected == series.counts.counts.tolist()
    assert record_ids(_complaints(*ROWS), _indicator(), JANUARY) == {"": ("C-1", "C-2")}
    assert record_ids(_complaints(*ROWS), _indicator(), MARCH) == {"": ("C-3", "C-4")}
    assert record_ids(_complaints(*ROWS), _indicator(), FEBRUARY) == {}


@pytest.mark.parametrize(("code", "total"), [("A07", 3), ("A0705", 3), ("A070502", 1), ("A1", 1), ("A08", 0)])
def test_scope_of_a_code_is_its_branch(code: str, total: int) -> None:
    """A code in the scope covers everything below it in the tree."""
    series = count(_complaints(*ROWS), _exposure(), _indicator(scope={"problem_code": (code,)}), QUARTER)

    assert total == series.counts.counts.sum()


def test_scope_of_several_columns_is_all_of_them() -> None:
    """Columns narrow one another, values of a column add up; other columns are compared as a whole."""
    scope = {"problem_code": ("A07", "A14"), "software_version": ("2.1",)}

    series = count(_complaints(*ROWS), _exposure(), _indicator(scope=scope), QUARTER)

    assert series.counts.counts.tolist() == [[1.0, 0.0, 1.0]]


def test_period_not_covered_is_not_a_zero() -> None:
    """A month of which a single day was not pulled was not observed: nan, in every subgroup."""
    coverage = (Window(date(2023, 12, 1), date(2024, 2, 1)), Window(date(2024, 2, 2), date(2024, 4, 1)))

    series = count(
        _complaints(*ROWS, coverage=coverage), _exposure(), _indicator(subgroup_by="software_version"), QUARTER
    )

    assert np.isnan(series.counts.counts[:, 1]).all()
    assert not np.isnan(series.counts.counts[:, [0, 2]]).any()


def test_subgroups_have_names_in_order() -> None:
    """One series for all and one for each value in scope; a record without a value is only in the series for all."""
    series = count(_complaints(*ROWS), _exposure(), _indicator(subgroup_by="software_version"), QUARTER)

    assert series.names == ("", "software_version=2.0", "software_version=2.1")
    assert series.counts.counts.tolist() == [[2.0, 0.0, 2.0], [1.0, 0.0, 0.0], [1.0, 0.0, 1.0]]
    found = record_ids(_complaints(*ROWS), _indicator(subgroup_by="software_version"), MARCH)
    assert found == {"": ("C-3", "C-4"), "software_version=2.1": ("C-3",)}


def test_summary_report_stands_for_its_events() -> None:
    """A summary report counts as many events as it says, and is one record."""
    frame = pd.DataFrame({"report_key": ["1", "2"], "received": pd.to_datetime(["2024-01-02"] * 2), "events": [1, 17]})

    series = count(Rows(frame=frame, coverage=ALL), _exposure(), _indicator(source=Source.REPORTS), QUARTER)

    assert series.counts.counts.tolist() == [[18.0, 0.0, 0.0]]
    assert record_ids(Rows(frame=frame, coverage=ALL), _indicator(source=Source.REPORTS), JANUARY) == {"": ("1", "2")}


def test_exposure_is_summed_over_the_same_subgroup() -> None:
    """The denominator of a subgroup is that of its value, of all it is the sum; a month without a figure has none."""
    exposure = _exposure(("2024-01-01", "2.0", 100.0), ("2024-01-01", "2.1", 10.0), ("2024-02-01", "2.1", 20.0))
    indicator = _indicator(subgroup_by="software_version", denominator="device_days")

    series = count(_complaints(*ROWS), exposure, indicator, QUARTER)

    expected = np.array([[110.0, 20.0, np.nan], [100.0, np.nan, np.nan], [10.0, 20.0, np.nan]])
    assert series.counts.exposure is not None
    np.testing.assert_array_equal(expected, series.counts.exposure)
    assert series.exposure_reasons == ("", "", "")


def test_scope_narrows_exposure_too() -> None:
    """A rate of version 2.1 is by the days of version 2.1; a scope on codes leaves exposure as it is."""
    exposure = _exposure(("2024-01-01", "2.0", 100.0), ("2024-01-01", "2.1", 10.0))
    scope = {"software_version": ("2.1",), "problem_code": ("A07",)}

    series = count(_complaints(*ROWS), exposure, _indicator(scope=scope, denominator="device_days"), QUARTER)

    assert series.counts.exposure is not None
    assert series.counts.exposure[0, 0] == 10.0


def test_exposure_not_covered_is_missing() -> None:
    """Figures of a month that was not pulled as a whole are not used."""
    exposure = _exposure(("2024-01-01", "2.0", 100.0), coverage=(Window(date(2024, 1, 1), date(2024, 1, 31)),))

    series = count(_complaints(*ROWS), exposure, _indicator(denominator="device_days"), QUARTER)

    assert series.counts.exposure is not None
    assert np.isnan(series.counts.exposure).all()


def test_subgroup_that_exposure_does_not_know_says_so() -> None:
    """There is no denominator by lot: the series for all has one, those of the lots have a reason."""
    exposure = _exposure(("2024-01-01", "2.0", 100.0))

    series = count(_complaints(*ROWS), exposure, _indicator(subgroup_by="lot", denominator="device_days"), QUARTER)

    assert series.exposure_reasons == ("", "exposure is not given by lot")
    assert series.counts.exposure is not None
    assert np.isnan(series.counts.exposure[1]).all()


def test_no_denominator_and_weeks_say_why() -> None:
    """A reporting count has no exposure; monthly figures are not spread over weeks."""
    weeks = periods(Period(date(2024, 1, 1), Cadence.WEEK), Period(date(2024, 1, 8), Cadence.WEEK))

    counted = count(_complaints(*ROWS), _exposure(), _indicator(), QUARTER)
    weekly = count(_complaints(*ROWS), _exposure(), _indicator(denominator="device_days"), weeks)

    assert (counted.counts.exposure, counted.exposure_reasons) == (None, (REPORTING_COUNT,))
    assert (weekly.counts.exposure, weekly.exposure_reasons) == (None, (MONTHLY_FIGURES,))
    assert weekly.counts.counts.tolist() == [[1.0, 0.0]]


@pytest.mark.parametrize(
    "wrong",
    [{"scope": {"colour": ("red",)}}, {"subgroup_by": "shape"}, {"denominator": "region"}, {"denominator": "miles"}],
)
def test_unknown_columns_are_refused(wrong: dict[str, Any]) -> None:
    """An indicator about columns that are not there is a fault of the plan, never a count of zero."""
    with pytest.raises(ConfigurationError, match="I-1"):
        count(_complaints(), _exposure(), _indicator(**wrong), QUARTER)


def test_no_rows_are_zeros_where_observed() -> None:
    """Nothing received in months that were pulled is zero."""
    series = count(_complaints(), _exposure(), _indicator(subgroup_by="software_version"), QUARTER)

    assert series.names == ("",)
    assert series.counts.counts.tolist() == [[0.0, 0.0, 0.0]]


def _held(rows: Rows) -> HeldRows:
    return HeldRows(table=ibis.memtable(rows.frame), order=("received", "complaint_id"), coverage=rows.coverage)


@pytest.mark.parametrize("cadence", list(Cadence))
@pytest.mark.parametrize("by", [None, "software_version", "lot"])
@pytest.mark.parametrize("scope", [{}, {"problem_code": ("A07",)}, {"problem_code": ("A", "B"), "lot": ("L1", "L9")}])
def test_counting_where_the_rows_lie_is_counting_in_memory(
    cadence: Cadence, by: str | None, scope: dict[str, tuple[str, ...]]
) -> None:
    """DuckDB and pandas give the same series and the same keys, by month and by week, to the last digit."""
    rows = _complaints(*ROWS)
    indicator = _indicator(subgroup_by=by, scope=scope)
    spans = periods(Period.containing(JANUARY.start, cadence), Period.containing(MARCH.start, cadence))

    expected = count(rows, _exposure(), indicator, spans)
    actual = count(_held(rows), _exposure(), indicator, spans)

    assert expected.names == actual.names
    np.testing.assert_array_equal(expected.counts.counts, actual.counts.counts)
    assert [record_ids(rows, indicator, p) for p in spans] == [record_ids(_held(rows), indicator, p) for p in spans]


def test_indicators_of_the_same_columns_share_one_count() -> None:
    """What was counted for one indicator serves the next that looks at the same columns."""
    held = _held(_complaints(*ROWS))

    for code in ("A07", "A14"):
        count(held, _exposure(), _indicator(scope={"problem_code": (code,)}), QUARTER)

    assert len(held.counted) == 1


_DAYS = st.dates(date(2023, 12, 1), date(2024, 4, 30))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(_DAYS, st.sampled_from(["A0705", "A14"]), st.sampled_from(["2.0", "2.1"])), max_size=20))
def test_every_count_has_its_records(drawn: list[tuple[date, str, str]]) -> None:
    """Whatever the rows: each count is the number of its keys, and the subgroups add up to all."""
    rows = [(f"C-{n}", day.isoformat(), code, version) for n, (day, code, version) in enumerate(drawn)]
    indicator = _indicator(subgroup_by="software_version", scope={"problem_code": ("A07",)})

    series = count(_complaints(*rows), _exposure(), indicator, QUARTER)

    found = [record_ids(_complaints(*rows), indicator, p) for p in QUARTER]
    backed = [[float(len(ids.get(name, ()))) for ids in found] for name in series.names]
    assert backed == series.counts.counts.tolist()
    assert sum(code == "A0705" and 1 <= day.month <= 3 for day, code, _ in drawn) == sum(backed[0])
    np.testing.assert_array_equal(series.counts.counts[0], series.counts.counts[1:].sum(axis=0))


days = st.dates(date(2024, 1, 1), date(2024, 3, 31))


@settings(max_examples=40, deadline=None)
@given(received=st.lists(days, min_size=1, max_size=30), seed=st.integers(0, 99), cut=st.integers(0, 30))
def test_batches_and_order_of_rows_do_not_matter(received: list[date], seed: int, cut: int) -> None:
    """The rows of a month that came in two pulls, in any order, count as those of one."""
    rows = [(f"C-{n:03d}", day.isoformat(), "A07", f"2.{n % 2}") for n, day in enumerate(received)]
    shuffled = list(np.random.default_rng(seed).permutation(np.array(rows, dtype=object)))
    parts = [_complaints(*map(tuple, part)).frame for part in (shuffled[cut:], shuffled[:cut])]
    split = Rows(frame=pd.concat([part for part in parts if len(part)], ignore_index=True), coverage=ALL)
    indicator = _indicator(subgroup_by="software_version")
    one, two = count(_complaints(*rows), _exposure(), indicator, QUARTER), count(split, _exposure(), indicator, QUARTER)

    assert one.names == two.names
    assert one.counts.counts.tolist() == two.counts.counts.tolist()
    for month in QUARTER:
        assert record_ids(_complaints(*rows), indicator, month) == record_ids(split, indicator, month)


@settings(max_examples=25, deadline=None)
@given(sizes=st.lists(st.tuples(days, st.integers(1, 9)), min_size=1, max_size=10))
def test_a_summary_report_counts_as_its_events(sizes: list[tuple[date, int]]) -> None:
    """One report that stands for n events counts as n reports of one event each."""

    def of(weighted: list[tuple[date, int]]) -> list[list[float]]:
        frame = pd.DataFrame(
            {"received": pd.to_datetime([d for d, _ in weighted]), "events": [n for _, n in weighted]}
        ).assign(report_key=lambda f: [f"R{n}" for n in range(len(f))])
        rows = Rows(frame=frame, coverage=ALL)
        found: list[list[float]] = count(
            rows, _exposure(), _indicator(source=Source.REPORTS), QUARTER
        ).counts.counts.tolist()
        return found

    assert of(sizes) == of([(day, 1) for day, n in sizes for _ in range(n)])
