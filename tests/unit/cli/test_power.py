"""The power commands as a user runs them: on a table without a site, and on a site's plans."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.unit.cli.conftest import Run, call_command, refused


@pytest.fixture(name="table")
def _table(tmp_path: Path) -> Path:
    path = tmp_path / "counts.csv"
    generator = np.random.default_rng(1)
    rows = [f"{s},2017-{m:02},{generator.poisson(9)}" for s in "AB" for m in range(1, 13)]
    path.write_text("\n".join(["series,period,count", *rows, "young,2017-11,4", "young,2017-12,5"]))
    return path


def test_a_table_is_enough(table: Path) -> None:
    """Each series has its row; one that is too short says so."""
    done = call_command({"COLUMNS": "160"}, "power", "rate_change", "--input", str(table), "--param", "alpha=0.002")

    assert (0, "") == (done.returncode, done.stderr)
    assert done.stdout.count("-fold") == 6
    assert "history too short" in done.stdout


def test_the_table_as_data_holds_every_figure(table: Path) -> None:
    """Months are twelve a year; the smallest rises are ordered, and each has its Monte Carlo error."""
    done = call_command({}, "power", "poisson_rate", "--input", str(table), "--param", "rate=9", "--json")
    told = json.loads(done.stdout)

    assert (told["method"], told["year"], told["replicates"]) == ("poisson_rate", 12, 400)
    assert [s["subgroup"] for s in told["series"]] == ["A", "B", "young"]
    ratios = [rise["ratio"] for rise in told["series"][0]["rises"]]
    assert ratios == sorted(ratios, reverse=True)
    assert all(0 < rise["error"] < 0.1 for rise in told["series"][0]["rises"])


def test_numbered_periods_need_the_year(tmp_path: Path) -> None:
    """Nobody knows how many numbers make a year: it is asked for, and taken."""
    path = tmp_path / "counts.csv"
    path.write_text("series,period,count\n" + "".join(f"A,{n},{4 + n % 3}\n" for n in range(20)))
    words = ("power", "ewma", "--input", str(path))

    assert "give --year" in refused(call_command({}, *words))
    assert call_command({"COLUMNS": "160"}, *words, "--year", "52").returncode == 0


def test_pairs_have_no_power_on_a_table(table: Path) -> None:
    """What needs a whole table of pairs is refused with what to do instead."""
    assert "plan power" in refused(call_command({}, "power", "prr_ror", "--input", str(table)))


def test_a_plan_that_was_never_evaluated_needs_a_month(run: Run) -> None:
    """Without a run nobody knows which month is meant."""
    assert "--as-of" in refused(run("plan", "power"))


def test_a_budget_has_to_be_stated_before_it_is_tuned_to(run: Run) -> None:
    """Nothing is proposed for a plan that accepts no number of false alarms."""
    assert "states no alarm budget" in refused(run("plan", "tune", "infusion-pump", "--as-of", "2017-10-01"))
