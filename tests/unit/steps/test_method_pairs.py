"""Methods for pairs on plain tables: how rows become counts, strata, and tables that were not meant well."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from include.postmarket.detection import catalogue
from include.postmarket.model.errors import ConfigurationError, InputError
from include.postmarket.steps.method_table import Outcome, Request, run

pytestmark = pytest.mark.filterwarnings("error")


class Bench:
    """A folder where a table is written, run through a method, and read again."""

    def __init__(self, folder: Path) -> None:
        self.source, self.target = folder / "in.csv", folder / "out.csv"

    def run(self, table: pd.DataFrame | str, name: str, *words: str) -> Outcome:
        """Write a table and run a method on it."""
        text = table if isinstance(table, str) else table.to_csv(index=False)
        self.source.write_text(text, encoding="utf-8")
        return run(Request(name=name, source=self.source, target=self.target, words=words))

    def answer(self, table: pd.DataFrame | str, name: str, *words: str) -> pd.DataFrame:
        """Run a method on a table and give its answer."""
        self.run(table, name, *words)
        return pd.read_csv(self.target, dtype={"product": str, "event": str, "reason": str}).fillna({"reason": ""})


@pytest.fixture(name="bench")
def _bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def reports(rows: int = 4_000, seed: int = 1) -> pd.DataFrame:
    """Draw rows of reports of 20 products and 30 events, two rows a report."""
    r = np.random.default_rng(seed)
    product, event = r.integers(0, 20, rows // 2).repeat(2), r.integers(0, 30, rows)
    drawn = pd.DataFrame({"report": np.arange(rows) // 2, "product": product, "event": event})
    return drawn.astype({"product": str, "event": str})


@pytest.mark.parametrize("name", sorted(catalogue.PAIRS))
def test_every_method_for_pairs_runs_and_names_its_reasons(bench: Bench, name: str) -> None:
    """One row a pair, ordered by names; what is not evaluated has a reason and no alarm."""
    found = bench.answer(reports(), name, *(["draws=100"] if name == "lrt" else []))

    assert found[["product", "event"]].equals(found[["product", "event"]].sort_values(["product", "event"]))
    assert (found["evaluated"] == (found["reason"] == "")).all()
    assert not (found["alarm"] & ~found["evaluated"]).any()
    assert found["evaluated"].any()


def test_how_rows_were_counted_is_told(bench: Bench) -> None:
    """A repeated row counts once, a report with two events once in each pair; stderr says how many of both."""
    outcome = bench.run("report,product,event\n1,P,E\n1,P,E\n1,P,F\n2,Q,E\n 2 ,Q,E\n3,Q,F\n", "prr_ror")
    found = pd.read_csv(bench.target)

    assert found["n"].tolist() == [1, 1, 1, 1]
    assert outcome.notes[:3] == (
        "counted: distinct reports, 3 in all",
        "2 rows repeat another and count once",
        "a report stands in 1.33 pairs on average and counts once in each",
    )


def test_counts_say_that_reports_with_several_pairs_count_several_times(bench: Bench) -> None:
    """A table of counts knows no reports: N is their sum, and the answer says so."""
    outcome = bench.run("product,event,n\nP,E,3\nP,F,1\nQ,E,2\nQ,F,5\n", "prr_ror")

    assert outcome.notes == ("counted: margins of the pair table, 11 in all",)


@pytest.mark.parametrize("name", sorted(set(catalogue.PAIRS) - {"lrt"}))
def test_strata_of_reports_enter_the_expected_counts(bench: Bench, name: str) -> None:
    """A product for women and an event of women: within strata nothing is left to explain, for every method."""
    table = reports()
    table["stratum"] = np.where(table["report"] % 2 == 0, "women", "men")
    women = table["stratum"] == "women"
    table.loc[women, "product"] = "w" + table.loc[women, "product"]
    table.loc[women, "event"] = "w" + table.loc[women, "event"]
    plain = bench.answer(table.drop(columns="stratum"), name)
    outcome = bench.run(table, name)
    strata = pd.read_csv(bench.target, dtype={"product": str, "event": str})

    assert "expected counts are added up over 2 strata" in " ".join(outcome.notes)
    np.testing.assert_allclose(strata["expected"], 2 * plain["expected"], rtol=0.05)


def test_strata_that_cannot_be_used_are_refused(bench: Bench) -> None:
    """A report in two strata, counts of pairs with strata, and a test that draws from plain margins."""
    with pytest.raises(ConfigurationError, match="two strata"):
        bench.run("report,product,event,stratum\n1,P,E,m\n1,P,F,w\n", "prr_ror")
    with pytest.raises(InputError, match="cannot be stratified"):
        bench.run("product,event,n,stratum\nP,E,1,m\n", "prr_ror")
    with pytest.raises(InputError, match="stratum is empty"):
        bench.run("report,product,event,stratum\n1,P,E,\n", "prr_ror")
    with pytest.raises(InputError, match="did you mean 'stratum'"):
        bench.run("report,product,event,strata\n1,P,E,m\n", "prr_ror")
    with pytest.raises(ConfigurationError, match="without strata"):
        bench.run("report,product,event,stratum\n1,P,E,m\n2,Q,F,w\n", "lrt")


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("-1", "n is negative"),
        ("nan", "n is no number"),
        ("inf", "n is no number"),
        ("1.5", "n is no whole number"),
        ("1e300", "n is too large"),
        ("", "n is empty"),
        ("three", "n is no number"),
    ],
)
def test_counts_that_are_none_are_refused_by_line(bench: Bench, cell: str, told: str) -> None:
    """One message with the line, the cell not repeated, and nothing is written."""
    with pytest.raises(InputError, match=told) as refused:
        bench.run(f"product,event,n\nP,E,3\nQ,F,{cell}\n", "screen")

    assert refused.value.where == f"{bench.source}, line 3"
    assert not bench.target.exists()


def test_names_of_any_script_and_with_commas_come_back(bench: Bench) -> None:
    """Names are texts: quotes, commas, line breaks and other scripts are returned as they were given."""
    names = ["Ångström pump", "輸液ポンプ", 'the "new", one', "two\nlines", "нож", "0"]
    table = pd.DataFrame({"product": names, "event": names[::-1], "n": [1e12, 2, 3, 4, 5, 6]})
    found = bench.answer(table, "information_component")

    assert sorted(found["product"]) == sorted(names)
    assert found.loc[found["product"] == "Ångström pump", "n"].item() == 10**12


def test_what_a_fit_should_be_known_for_is_told(bench: Bench) -> None:
    """The number of false signals to expect, and what degenerated in a prior, go to stderr."""
    r = np.random.default_rng(3)
    n = r.poisson(4.0, (15, 20))
    n[2, 3] = 60
    product, event = np.indices(n.shape)
    table = pd.DataFrame({"product": product.ravel(), "event": event.ravel(), "n": n.ravel()})

    assert any(note.startswith("false signals to expect") for note in bench.run(table, "screen").notes)
    assert any(note.startswith("prior: ") for note in bench.run(table, "gps").notes)
