"""Methods on plain tables: the same answer whatever the order, the neighbours and the gaps; faults by line."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from include.postmarket.detection import catalogue, table_methods
from include.postmarket.detection.contingency import count_table
from include.postmarket.detection.ears import EarsParams
from include.postmarket.detection.ears import detect as ears
from include.postmarket.detection.screen import ScreenParameters
from include.postmarket.detection.screen import detect as screen
from include.postmarket.detection.shapes import Counts, Reason
from include.postmarket.model.errors import ConfigurationError, InputError
from include.postmarket.steps.method_parameters import listing
from include.postmarket.steps.method_table import Outcome, Request, run

pytestmark = pytest.mark.filterwarnings("error")

NEEDED = {
    "poisson_rate": ["rate=0.1"],
    "trend_report": ["rate=0.1"],
    "severity_trend": ["severe_share=0.1"],
    "maxsprt": ["rate=0.1", "horizon=900"],
}
REFUSES_EXPOSURE = {"ears", "rki", "bayes", "cusum_standardised"}
LINES = "series,period,count,exposure\nA,2017-01,3,10\nA,2017-02,4,10\n"


def weekly(series: int = 3, weeks: int = 290, seed: int = 1) -> pd.DataFrame:
    """Draw weekly counts of series that begin in different weeks, with some weeks missing."""
    rng = np.random.default_rng(seed)
    labels = np.array([f"{day:%G-W%V}" for day in pd.date_range("2011-01-03", periods=weeks, freq="7D")])
    parts = []
    for number in range(series):
        kept = np.sort(rng.choice(np.arange(7 * number, weeks), weeks - 7 * number - 4, replace=False))
        counts, exposure = rng.negative_binomial(6, 0.5, len(kept)), rng.uniform(50, 60, len(kept))
        parts.append(
            pd.DataFrame({"series": f"s{number}", "period": labels[kept], "count": counts, "exposure": exposure})
        )
    return pd.concat(parts)


class Bench:
    """A folder where a table is written, run through a method, and read again."""

    def __init__(self, folder: Path) -> None:
        self.source, self.target = folder / "in.csv", folder / "out.csv"

    def give(self, text: str) -> None:
        """Write a table as text."""
        self.source.write_text(text, encoding="utf-8")

    def run(self, name: str, *words: str, first: str = "") -> Outcome:
        """Run a method on what was written."""
        return run(Request(name=name, source=self.source, target=self.target, words=words, first=first))

    def answer(self, table: pd.DataFrame, name: str, *words: str, first: str = "") -> pd.DataFrame:
        """Run a method on a table and give its answer."""
        table.to_csv(self.source, index=False)
        self.run(name, *words, first=first)
        return pd.read_csv(self.target, dtype={"period": str, "reason": str}).fillna({"reason": ""})


@pytest.fixture(name="bench")
def _bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.mark.parametrize("name", sorted(catalogue.OVER_TIME))
def test_every_method_over_time_runs_and_names_its_reasons(bench: Bench, name: str) -> None:
    """One row for each series and period from first to last; what is not evaluated has a reason and no alarm."""
    table = weekly().drop(columns=["exposure"] if name in REFUSES_EXPOSURE else [])
    found = bench.answer(table, name, *NEEDED.get(name, []))

    assert list(found.groupby("series").size()) == pytest.approx([290, 283, 276], abs=6)
    assert found["evaluated"].any()
    assert ((found["reason"] == "") == found["evaluated"]).all()
    assert not (found["alarm"] & ~found["evaluated"]).any()
    assert (found["reason"] == Reason.NOT_OBSERVED.value).sum() == found["count"].isna().sum() > 0


@pytest.mark.parametrize("name", ["default", "farrington", "cusum", "rate_change", "shewhart"])
def test_order_and_neighbours_do_not_matter(bench: Bench, name: str) -> None:
    """Shuffled rows give the same file, and each series alone gives its part of it."""
    table = weekly()
    whole = bench.answer(table, name)
    shuffled = bench.answer(table.sample(frac=1, random_state=3), name)
    alone = pd.concat([bench.answer(part, name) for _, part in table.groupby("series")], ignore_index=True)

    pd.testing.assert_frame_equal(whole, shuffled)
    pd.testing.assert_frame_equal(whole, alone, rtol=1e-9)


@pytest.mark.parametrize("name", ["default", "farrington", "cusum"])
def test_from_changes_nothing_but_what_is_told(bench: Bench, name: str) -> None:
    """From a period on the answer is that of the whole table; the rows before say that they were not asked for."""
    table = weekly()
    whole, late = bench.answer(table, name), bench.answer(table, name, first="2016-W24")
    asked = late["period"] >= "2016-W24"

    pd.testing.assert_frame_equal(whole[asked], late[asked], rtol=1e-9)
    assert set(late.loc[~asked, "reason"]) == {Reason.OUT_OF_RANGE.value}
    assert not late.loc[~asked, "alarm"].any()


def test_the_answer_is_that_of_the_method(bench: Bench) -> None:
    """The numbers of the table are those of the method on the same counts."""
    counts = np.random.default_rng(2).poisson(4.0, 40)
    table = pd.DataFrame({"series": "A", "period": np.arange(40), "count": counts})
    found = bench.answer(table, "ears", "variant=C1", "alpha=0.05")
    expected = ears(Counts(counts=counts[None, :].astype(float)), EarsParams(variant="C1", alpha=0.05))

    assert np.array_equal(found["alarm"], expected.alarm[0])
    assert found["expected"][10:].to_numpy() == pytest.approx(expected.expected[0, 10:], rel=1e-14)


@pytest.mark.parametrize(
    ("periods", "missing"),
    [
        (["2017-11", "2018-01"], "2017-12"),
        (["2017-11-01", "2018-01-01"], "2017-12-01"),
        (["2020-W52", "2021-W01"], "2020-W53"),
        (["2017-03-03", "2017-03-17"], "2017-03-10"),
        (["2016-02-28", "2016-03-01"], "2016-02-29"),
        (["9", "11"], "10"),
    ],
)
def test_a_period_between_is_not_observed(bench: Bench, periods: list[str], missing: str) -> None:
    """Months, weeks, days and numbers have a successor each; one without a row is given back, without a count."""
    found = bench.answer(pd.DataFrame({"series": "A", "period": periods, "count": 1}), "ears")
    unseen = found[found["count"].isna()]

    assert [periods[0], missing, *periods[1:]] == list(found["period"])
    assert [missing] == list(unseen["period"])
    assert [Reason.NOT_OBSERVED.value] == list(unseen["reason"])


def test_the_year_follows_the_periods(bench: Bench) -> None:
    """Months have a year of twelve unless the caller says otherwise, and the outcome says so."""
    bench.give(LINES)

    assert bench.run("default").notes == (
        "periods are months: year_length=12",
        f"not evaluated: 2 × {Reason.SHORT_HISTORY.value}",
    )
    assert bench.run("default", "year_length=52").notes == (f"not evaluated: 2 × {Reason.SHORT_HISTORY.value}",)


class TestPairs:
    """Methods for pairs."""

    @pytest.fixture(name="table")
    def _table(self) -> pd.DataFrame:
        rng = np.random.default_rng(1)
        n = rng.poisson(rng.gamma(1.0, 5.0, (30, 60)))
        n[3, 4] = 200
        place = np.argwhere(n > 0)
        names = {"product": [f"P{p:02}" for p in place[:, 0]], "event": [f"E{e:02}" for e in place[:, 1]]}
        return pd.DataFrame({**names, "n": n[n > 0]})

    @pytest.mark.parametrize("name", sorted(catalogue.PAIRS))
    def test_every_method_gives_every_measure(self, bench: Bench, table: pd.DataFrame, name: str) -> None:
        """The planted pair alarms by every method, beside all measures."""
        words = ["draws=200"] if name == "lrt" else []
        found = bench.answer(table.sample(frac=1, random_state=1), name, *words).set_index(["product", "event"])
        planted: Any = found.loc[("P03", "E04")]

        assert len(table) == len(found)
        assert planted["alarm"]
        assert planted["prr_lower"] < planted["prr"] < planted["prr_upper"]
        assert planted["ic_lower"] < planted["ic"] < planted["ic_upper"]
        assert planted["eb05"] < planted["ebgm"] < planted["eb95"]
        assert planted["chi2_yates"] < planted["chi2"]

    def test_the_answer_is_that_of_the_screen(self, bench: Bench, table: pd.DataFrame) -> None:
        """Relative rate and false probability are those of the rule on the same table."""
        found = bench.answer(table, "screen", "false_share=0.2")
        product, event = (pd.factorize(table[name], sort=True)[0] for name in ("product", "event"))
        expected = screen(count_table(product, event, table["n"]), ScreenParameters(false_share=0.2))

        assert found["relative_rate"].to_numpy() == pytest.approx(expected.relative_rate)
        assert found["false_probability"].to_numpy() == pytest.approx(expected.false_probability)
        assert np.array_equal(found["alarm"], expected.alarm)

    def test_rows_of_reports_are_counted_once(self, bench: Bench) -> None:
        """A report that names a pair twice is one report."""
        rows = pd.DataFrame(
            [("r1", "P", "E"), ("r1", "P", "E"), ("r2", "P", "F"), ("r3", "Q", "E"), ("r4", "Q", "F")],
            columns=["report", "product", "event"],
        )

        assert [1, 1, 1, 1] == list(bench.answer(rows, "prr_ror")["n"])

    def test_comparators_are_named(self, bench: Bench, table: pd.DataFrame) -> None:
        """The products that are not tested are given by name; one that is not there is refused."""
        found = bench.answer(table, "lrt", "comparators=P03,P05", "draws=100")

        assert {"P03", "P05"} == set(found.loc[found["reason"] == Reason.COMPARATOR.value, "product"])
        with pytest.raises(ConfigurationError, match="no product"):
            bench.run("lrt", "comparators=P99")


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("series,period\nA,2017-01\n", 1, "column count is missing"),
        ("series;period;count\nA;2017-01;3\n", 1, "separated by semicolons"),
        (LINES.replace("exposure", "exposre"), 1, "did you mean 'exposure'"),
        (LINES + "A,2017-03,three,10\n", 4, "count is no number"),
        (LINES + "A,2017-03,nan,10\n", 4, "count is no number"),
        (LINES + "A,2017-03,inf,10\n", 4, "count is no number"),
        (LINES + "A,2017-03,,10\n", 4, "count is empty"),
        (LINES + "A,2017-03,-1,10\n", 4, "count is negative"),
        (LINES + "A,2017-03,1.5,10\n", 4, "count is no whole number"),
        (LINES + "A,2017-03,1,0\n", 4, "exposure is zero"),
        (LINES + "A,2017-02,1,10\n", 4, "there before"),
        (LINES + "A,2017-13,1,10\n", 4, "period cannot be read"),
        (LINES + "A,2017-W05,1,10\n", 4, "period cannot be read"),
        (LINES + "A,2017-03,1\n", 4, "more or fewer cells"),
        (LINES + '\n"B\nx",2017-03,1,10\nA,2017-03,-1,10\n', 7, "count is negative"),
        ("series,period,count\nA,201712,1\nA,201801,1\n", 2, "run together"),
        ("series,period,count\nA,1,1\nA,99999999,1\n", None, "span 99,999,999 periods"),
        ("series,period,count\nA,42736,1\nA,42767,1\n", 2, "numbers of days"),
        ("series,period,count\nA,1,1e300\n", 2, "count is too large"),
        ("series,period,count\nA\0,1,1\n", 2, "NUL"),
        ("series\tperiod\tcount\nA\t1\t1\n", 1, "separated by tabs"),
        ("", None, "empty"),
        ("series,period,count\n", None, "no row"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_by_line(bench: Bench, text: str, line: int | None, told: str) -> None:
    """One message with file and line, no cell repeated, and nothing is written."""
    bench.give(text)
    with pytest.raises(InputError, match=told) as refused:
        bench.run("poisson_rate", "rate=1")

    assert (f"{bench.source}, line {line}" if line else str(bench.source)) == refused.value.where
    assert "three" not in str(refused.value)
    assert not bench.target.exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["rate=1", "alhpa=0.1"], "did you mean 'alpha'"),
        (["rate=1", "alpha=0.1", "alpha=0.2"], "given twice"),
        (["rate"], "no key=value"),
        (["rate=much"], "is not a number"),
        (["rate=nan"], "is not a number"),
        (["rate=-1"], "state a positive rate"),
        ([], "poisson_rate needs rate"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(bench: Bench, words: list[str], told: str) -> None:
    """The message names the parameter and what to give."""
    bench.give(LINES)
    with pytest.raises(ConfigurationError, match=told):
        bench.run("poisson_rate", *words)


@pytest.mark.parametrize(
    ("name", "first", "told"),
    [
        ("farington", "", "did you mean 'farrington'"),
        ("ears", "", "exposure is given"),
        ("farrington", "", "give a block of a period"),
        ("screen", "2017-01", "as a whole"),
        ("default", "2017-W01", "not written like"),
    ],
)
def test_what_does_not_fit_together_is_refused(bench: Bench, name: str, first: str, told: str) -> None:
    """Unknown names with the nearest, exposure where it cannot be used, periods where there are none."""
    bench.give(LINES)
    with pytest.raises(ConfigurationError, match=told):
        bench.run(name, first=first)


def test_repeated_pairs_and_missing_files_are_refused(bench: Bench) -> None:
    """A pair is given once; a table that is not there, not text, or the output itself is named."""
    with pytest.raises(InputError, match="cannot be read"):
        bench.run("prr_ror")
    bench.give("product,event,n\nP,E,1\nP,F,2\nP,E,1\n")
    with pytest.raises(InputError, match="line 4"):
        bench.run("prr_ror")
    with pytest.raises(ConfigurationError, match="the output is the input"):
        run(Request(name="prr_ror", source=bench.source, target=bench.source))
    for content in (b"product,event,n\nP,\xff\xfe,1\n", "product,event,n\nP,E,1\n".encode("utf-16")):
        bench.source.write_bytes(content)
        with pytest.raises(InputError, match="UTF-8"):
            bench.run("prr_ror")


@pytest.mark.parametrize("exposure", ["1e13", "1e-13"])
def test_an_exposure_beyond_any_unit_is_refused(bench: Bench, exposure: str) -> None:
    """Counts and exposures that no distribution can hold are named, not computed for ever."""
    bench.give("series,period,count,exposure\n" + f"A,1,1,{exposure}\n")
    with pytest.raises(ConfigurationError, match="exposure lies beyond"):
        bench.run("rate_change")


def test_a_target_that_cannot_be_written_is_refused(bench: Bench, tmp_path: Path) -> None:
    """A folder that is not there, or a folder itself: named, and nothing is written."""
    bench.give(LINES)
    for target in (tmp_path / "nowhere" / "out.csv", tmp_path):
        with pytest.raises(ConfigurationError, match="cannot be written"):
            run(Request(name="default", source=bench.source, target=target))
    assert [bench.source] == list(tmp_path.iterdir())


def test_every_method_is_listed_with_its_parameters() -> None:
    """The list names all methods that take a table, the recommended one also as default."""
    found = {line[0]: line for line in listing()}

    tables = set(catalogue.parameters()) - set(catalogue.NARRATIVES)  # these have a command of their own
    assert {line[0].partition(" or ")[0] for line in listing()} == tables | {"change_point", *table_methods.GAPS}
    assert "no history" in found["cohort_shift"][3]
    assert "50 rows before --from, 10 devices now" in found["isolation_forest"][3]
    assert "rate (required)" in found["poisson_rate"][2]
    assert "9 periods of history" == found["ears"][3]
    assert "seasonal_excess or default" in found


@pytest.mark.parametrize("series", [20, pytest.param(2000, marks=pytest.mark.slow)])
def test_many_rows_go_through(bench: Bench, series: int) -> None:
    """Every row of a large file, a million at most, is answered once."""
    periods = 500
    table = pd.DataFrame(
        {"series": np.repeat(np.arange(series), periods), "period": np.tile(np.arange(periods), series), "count": 3}
    )
    table.to_csv(bench.source, index=False)
    outcome = bench.run("ewma")

    assert (periods * series, (periods - 12) * series, 0) == (outcome.rows, outcome.evaluated, outcome.alarms)
