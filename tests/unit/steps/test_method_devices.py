"""Measurements on plain tables: odd devices with what drove them, groups with the metric that moved; faults by line."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from include.postmarket.detection import catalogue, table_methods
from include.postmarket.detection.isolation_forest import IsolationForestParameters
from include.postmarket.detection.isolation_forest import detect as isolation_forest
from include.postmarket.detection.shapes import Reason
from include.postmarket.model.errors import ConfigurationError, InputError
from include.postmarket.steps.method_table import Outcome, Request, run

pytestmark = pytest.mark.filterwarnings("error")

FAST = {"isolation_forest": ["trees=20"], "robust_covariance": []}
METRICS = ["hours", "volts"]  # in order of their names, so that the order of columns changes nothing


def fleet(devices: int = 30) -> Any:
    """Draw four months of two groups; in the last the hours of group B are four standard deviations lower."""
    rng = np.random.default_rng(1)
    parts = []
    for month in ("2017-01", "2017-02", "2017-03", "2017-04"):
        group = np.repeat(["A", "B"], devices)
        hours = rng.normal(10.0, 1.0, 2 * devices) - 4.0 * ((group == "B") & (month == "2017-04"))
        names = [f"{month}-{n}" for n in range(2 * devices)]
        volts = rng.normal(-5.0, 0.1, 2 * devices)
        parts.append(pd.DataFrame({"device": names, "period": month, "group": group, "volts": volts, "hours": hours}))
    return pd.concat(parts, ignore_index=True)


class Bench:
    """A folder where a table is written, run through a method, and read again."""

    def __init__(self, folder: Path) -> None:
        self.source, self.target = folder / "in.csv", folder / "out.csv"

    def run(self, text: str, name: str, *words: str, first: str = "2017-04") -> Outcome:
        """Run a method on a table given as text."""
        self.source.write_text(text, encoding="utf-8")
        return run(Request(name=name, source=self.source, target=self.target, words=words, first=first))

    def answer(self, table: pd.DataFrame, name: str, *words: str, first: str = "2017-04") -> Any:
        """Run a method on a table and give its answer."""
        self.run(table.to_csv(index=False), name, *words, first=first)
        text = {"reason": "str", "drivers": "str", "period": "str"}
        return pd.read_csv(self.target, dtype=text).fillna({"reason": "", "drivers": ""})


@pytest.fixture(name="bench")
def _bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.mark.parametrize("name", sorted(catalogue.MEASUREMENTS))
def test_odd_devices_are_named_with_what_drove_them(bench: Bench, name: str) -> None:
    """One row a device of the month judged; most of group B alarms, driven by its hours, and stderr tells the share."""
    table = fleet().drop(columns="group")
    found = bench.answer(table, name, *FAST[name])
    notes = bench.run(table.to_csv(index=False), name, *FAST[name]).notes

    assert list(found["period"].unique()) == ["2017-04"]
    assert len(found) == 60
    assert found["evaluated"].all()
    assert found.loc[found["alarm"], "drivers"].str.startswith("hours -").mean() > 0.9
    group_b = found["device"].str[8:].astype(int) >= 30
    assert found["alarm"][group_b].mean() > 0.8
    assert found["alarm"][~group_b].mean() < 0.3
    assert "2017-04: alarm: " in notes[0]
    assert "180 rows before" in notes[0]


def test_the_scores_are_those_of_the_method(bench: Bench) -> None:
    """What is written is what detection says of the same matrices, whatever the order of the rows."""
    table = fleet()
    found = bench.answer(table.sample(frac=1, random_state=2).drop(columns="group"), "isolation_forest", "trees=20")
    now = table[table["period"] == "2017-04"].sort_values("device")
    before = table[table["period"] < "2017-04"]
    expected = isolation_forest(
        before[METRICS].to_numpy(), now[METRICS].to_numpy(), IsolationForestParameters(trees=20)
    )

    assert found["device"].tolist() == now["device"].tolist()
    assert found["score"].to_numpy() == pytest.approx(expected.score)


def test_what_was_not_measured_is_not_evaluated(bench: Bench) -> None:
    """An empty cell sets the device aside and names the metric; too short a baseline is said of every device."""
    table = fleet().drop(columns="group")
    table.loc[table["device"] == "2017-04-7", "volts"] = np.nan
    found = bench.answer(table, "isolation_forest", "trees=20").set_index("device")
    short = bench.answer(table, "isolation_forest", "minimum_current=61")

    assert found.loc["2017-04-7", "reason"] == "not measured: volts"
    assert not found.loc["2017-04-7", "evaluated"]
    assert found["evaluated"].sum() == 59
    assert not short["evaluated"].any()
    assert set(short["reason"]) == {"not measured: volts", f"{Reason.TOO_FEW_UNITS}: 59 now, 180 before"}


@pytest.mark.parametrize("name", sorted(catalogue.SHIFTS))
def test_the_group_and_metric_that_moved_alarm(bench: Bench, name: str) -> None:
    """One row a period, group and metric; B alarms at its hours, and with drift all devices together do."""
    found = bench.answer(fleet(), name, first="2017-03")
    alarms = found[found["alarm"]]
    groups = {"drift": ["(all)", "A", "B"], "cohort_shift": ["A", "B"]}[name]

    assert found["group"].unique().tolist() == groups
    assert len(found) == 2 * len(groups) * len(METRICS)
    # of two cohorts that differ, both do
    assert alarms["group"].tolist() == {"drift": ["(all)", "B"], "cohort_shift": ["A", "B"]}[name]
    assert set(alarms["metric"]) == {"hours"}
    assert set(alarms["period"]) == {"2017-04"}
    assert (alarms["distance"] > alarms["limit"]).all()
    assert found["compared_with"].max() == {"drift": 120, "cohort_shift": 30}[name]


def test_drift_needs_no_group_and_counts_a_device_once(bench: Bench) -> None:
    """The same sixty devices every month are sixty in the baseline, by the first month of each."""
    table = fleet().drop(columns="group")
    table["device"] = table["device"].str[8:]
    found = bench.answer(table, "drift")

    assert found["group"].unique().tolist() == ["(all)"]
    assert found["compared_with"].tolist() == [60, 60]


def test_rows_without_a_group_are_counted(bench: Bench) -> None:
    """They are in the series of all and in no group; stderr says how many."""
    table = fleet()
    table.loc[table["group"] == "A", "group"] = None
    outcome = bench.run(table.to_csv(index=False), "drift")

    assert outcome.notes == ("120 rows have no group",)


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("device,period\nd,2017-04\n", 1, "no column of measurements"),
        ("device,volts\nd,1\n", 1, "period is missing"),
        ("device,period,volts\nd,2017-03,1\nd,2017-04,secret\n", 3, "volts is no number"),
        ("device,period,volts\nd,2017-03,1\nd,2017-04,inf\n", 3, "volts is infinite"),
        ("device,period,volts\nd,2017-03,1\nd,2017-03,2\n", 3, "was there before"),
        ("device,period,volts\nd,2017-03,1\n,2017-03,2\n", 3, "device is empty"),
        ("device,period,volts\nd,2017-03,1\nd,March,2\n", 3, "period cannot be read"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_by_line(bench: Bench, text: str, line: int, told: str) -> None:
    """One message with file and line, no cell repeated, and nothing is written."""
    with pytest.raises(InputError, match=told) as refused:
        bench.run(text, "drift")

    assert refused.value.where == f"{bench.source}, line {line}"
    assert "secret" not in str(refused.value)
    assert not bench.target.exists()


@pytest.mark.parametrize(
    ("name", "words", "first", "told"),
    [
        ("drift", [], "", "baseline is not given"),
        ("isolation_forest", [], "", "baseline is not given"),
        ("drift", [], "2017-01", "no row is before 2017-01"),
        ("drift", [], "2018-01", "no row is from 2018-01"),
        ("drift", ["false_share=2"], "2017-04", "false_share 2.0"),
        ("isolation_forest", ["trees=0"], "2017-04", "trees 0"),
        ("robust_covariance", ["folds=1"], "2017-04", "folds 1"),
    ],
)
def test_requests_that_cannot_be_answered_are_refused(
    bench: Bench, name: str, words: list[str], first: str, told: str
) -> None:
    """No baseline, a period beyond the table, parameters out of range: what is wrong and what to do."""
    with pytest.raises(ConfigurationError, match=told):
        bench.run(fleet().to_csv(index=False), name, *words, first=first)


def test_cohorts_need_a_group(bench: Bench) -> None:
    """Without the column there is nothing to compare; without --from all periods are judged."""
    with pytest.raises(ConfigurationError, match="compares groups"):
        bench.run(fleet().drop(columns="group").to_csv(index=False), "cohort_shift")

    assert bench.answer(fleet(), "cohort_shift", first="")["period"].nunique() == 4


@pytest.mark.parametrize("name", ["isolation_forest", "drift"])
def test_a_metric_that_never_varied_alarms_when_it_does(bench: Bench, name: str) -> None:
    """Constant in the baseline, another value now: an alarm, and no warning of numpy."""
    table = fleet().assign(volts=5.0)
    table.loc[(table["period"] == "2017-04") & (table["group"] == "A"), "volts"] = 6.0
    found = bench.answer(table if name == "drift" else table.drop(columns="group"), name, *FAST.get(name, []))

    assert found["alarm"].any()


def test_a_constant_metric_has_no_distance(bench: Bench) -> None:
    """Robust covariance cannot measure along a metric that is one value in most devices: it says so."""
    table = fleet().drop(columns="group")
    table["volts"] = np.where(np.arange(len(table)) % 9 == 0, 6.0, 5.0)
    with pytest.raises(ConfigurationError, match="one value in most devices"):
        bench.run(table.to_csv(index=False), "robust_covariance")


def test_changes_are_dated_for_each_series(bench: Bench) -> None:
    """One row a series with the month, its interval and both rates; a single month has nothing to compare."""
    months = [f"2017-{m:02}" for m in range(1, 13)]
    rows = [{"series": "A", "period": p, "count": 30 if p >= "2017-07" else 10, "exposure": 10.0} for p in months]
    rows.append({"series": "B", "period": "2017-03", "count": 4, "exposure": 1.0})
    found = bench.answer(pd.DataFrame(rows), "change_point", first="").set_index("series")

    assert found.loc["A", ["period", "rate_before", "rate_after", "evaluated"]].tolist() == ["2017-07", 1.0, 3.0, True]
    assert found.loc["A", "earliest"] <= "2017-07" <= found.loc["A", "latest"]
    assert found.loc["B", ["evaluated", "reason"]].tolist() == [False, Reason.SHORT_HISTORY.value]
    with pytest.raises(ConfigurationError, match="as a whole"):
        bench.run("series,period,count\nA,2017-01,3\n", "change_point", first="2017-01")


@pytest.mark.parametrize("name", sorted(table_methods.GAPS))
def test_gaps_are_charted_in_their_order(bench: Bench, name: str) -> None:
    """One row a gap; the first ones of a series make its limits, a short one after them alarms on the t chart."""
    gaps = [100.0, 90.0, 110.0, 95.0, 105.0, 1e-9]
    table = pd.DataFrame({"series": ["A", "B"] * 6, "gap": np.repeat(gaps, 2)})
    found = bench.answer(table, name, "baseline=5", first="")

    assert found["series"].tolist() == ["A", "B"] * 6
    assert found["evaluated"].tolist() == [False] * 10 + [True] * 2
    assert found["alarm"].tolist()[10:] == [name == "t_chart"] * 2
    with pytest.raises(ConfigurationError, match="baseline 20"):
        bench.run(table.to_csv(index=False), name, first="")
    with pytest.raises(InputError, match="gap is negative"):
        bench.run("series,gap\nA,-1\n", name, first="")
