"""The power commands as a user runs them: on a table without a site, and on a site's plans."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from include.postmarket.model.batch import Source
from include.postmarket.model.errors import IntegrityError
from include.postmarket.model.period import Period
from include.postmarket.steps.power import keep
from tests.faults.loop.small_site import SmallSite, surge
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


@pytest.mark.postgres
def test_a_run_keeps_what_its_plan_can_see(run: Run, small_site: SmallSite) -> None:
    """Eight months of reports: kept once, in the status and printed; the same run again keeps nothing again."""
    small_site.write(Source.REPORTS, surge())
    small_site.pull(Source.REPORTS, Period(date(2017, 8, 1)), date(2017, 1, 1))
    words = ("detect", "--month", "2017-08-01", "--plan", "bone-cement")
    run(*words)
    once = small_site.house().powers.latest("bone-cement")
    run(*words)
    told = json.loads(run("status", "--json").stdout)["powers"]

    assert once is not None
    assert once == small_site.house().powers.latest("bone-cement")
    assert [p["plan"] for p in told] == ["bone-cement"]
    by_maker = once.of("BC-REPORTS-BY-MAKER")
    assert by_maker is not None
    assert [s.subgroup for s in by_maker.series] == ["", "manufacturer=Biomet France"]
    assert by_maker.series[0].reason == ""
    shown = run("status").stdout
    assert "bone-cement raises about" in shown
    assert run("plan", "power", "bone-cement").stdout.count("BC-REPORTS-BY-MAKER") >= 1


@pytest.mark.postgres
def test_a_run_that_is_not_on_record_has_no_power(small_site: SmallSite) -> None:
    """Nothing is made up for it."""
    with pytest.raises(IntegrityError, match="RUN-none is not on record"):
        keep(small_site.house(), "RUN-none", datetime(2026, 4, 1, tzinfo=UTC))


@pytest.mark.postgres
def test_a_stated_budget_is_tuned_to(run: Run, small_site: SmallSite) -> None:
    """Each indicator that can be tuned gets lines for the plan, the others say why not; the plan is not touched."""
    small_site.write(Source.REPORTS, surge()[:-40])
    small_site.pull(Source.REPORTS, Period(date(2017, 8, 1)), date(2017, 1, 1))
    plan = small_site.home / "plans" / "bone-cement" / "plan.yaml"
    with_budget = re.sub(r"alarm_budget: .*\n", "", plan.read_text()).replace(
        "quarantine_limit:", "alarm_budget: 1.5\nquarantine_limit:"
    )
    plan.write_text(with_budget)

    said = run("plan", "tune", "bone-cement", "--as-of", "2017-08-01").stdout

    assert "- id: BC-REPORTS-BY-MAKER" in said
    assert re.search(r"parameters: \{window: 1, baseline: 12, min_history: 6, alpha: [0-9.e-]+\}", said)
    assert re.search(r"parameters: \{ratio: 1.5, run_length: [0-9]+, baseline: 6\}", said)
    assert "# BC-DISPROPORTION: " in said
    assert plan.read_text() == with_budget


def test_pairs_have_no_power_on_a_table(table: Path) -> None:
    """What needs a whole table of pairs is refused with what to do instead."""
    assert "plan power" in refused(call_command({}, "power", "prr_ror", "--input", str(table)))


@pytest.mark.postgres
def test_a_plan_that_was_never_evaluated_needs_a_month(run: Run) -> None:
    """Without a run nobody knows which month is meant."""
    assert "--as-of" in refused(run("plan", "power"))


@pytest.mark.postgres
def test_a_budget_has_to_be_stated_before_it_is_tuned_to(run: Run, small_site: SmallSite) -> None:
    """Nothing is proposed for a plan that accepts no number of false alarms."""
    plan = small_site.home / "plans" / "infusion-pump" / "plan.yaml"
    plan.write_text(re.sub(r"alarm_budget: .*\n", "", plan.read_text()))

    assert "states no alarm budget" in refused(run("plan", "tune", "infusion-pump", "--as-of", "2017-10-01"))
