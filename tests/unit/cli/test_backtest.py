"""The back-test from a terminal: what it prints, writes and refuses."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from include.postmarket.model.batch import Source
from include.postmarket.model.period import Period
from tests.faults.loop.small_site import SmallSite, surge
from tests.unit.cli.conftest import Run, refused

pytestmark = pytest.mark.postgres

SPAN = ["--from", "2017-01-01", "--to", "2017-08-01"]


@pytest.fixture(name="surged")
def _surged(small_site: SmallSite) -> SmallSite:
    """Give a site on which eight months were pulled at once, with 40 reports instead of five in August."""
    small_site.write(Source.REPORTS, surge())
    small_site.pull(Source.REPORTS, Period(date(2017, 8, 1)), date(2017, 1, 1))
    return small_site


def test_a_person_and_a_program_read_the_same(run: Run, surged: SmallSite, tmp_path: Path) -> None:
    """Text, JSON and CSV: the signal of August with its day and lag, and what was missed with its reason."""
    known, table = tmp_path / "known.csv", tmp_path / "found.csv"
    known.write_text("date,label,indicator\n2017-08-10,Recall A,BC-REPORTS-ALL\n2017-08-10,Recall B,BC-HARM\n")
    said = run("backtest", "bone-cement", *SPAN, "--known", str(known), "--output", str(table))
    (told,) = json.loads(run("backtest", "bone-cement", *SPAN, "--known", str(known), "--json").stdout)
    rows = list(csv.DictReader(table.read_text().splitlines()))

    assert said.returncode == 0
    assert "8 of 8 months were pulled more than a month after their end" in said.stdout
    assert "raised 2017-09-01, 22 days (0.7 months) after, by BC-REPORTS-ALL" in said.stdout
    assert "Recall B: MISSED: quiet" in said.stdout
    assert "history too short" in said.stdout
    assert [("Recall A", -22), ("Recall B", None)] == [(e["label"], e["lead_days"]) for e in told["events"]]
    assert {s["id"] for s in told["signals"]} == {r["signal"] for r in rows if r["kind"] == "signal"}
    assert ["Recall B"] == [r["event"] for r in rows if r["kind"] == "missed"]


def test_a_plan_that_is_not_in_use(run: Run, surged: SmallSite, tmp_path: Path) -> None:
    """A copy that asks for 50 events raises nothing; the site's own plan raises signals."""
    folder = tmp_path / "candidate"
    folder.mkdir()
    for file in (surged.home / "plans" / "bone-cement").iterdir():
        text = file.read_text(encoding="utf-8")
        text = text.replace('version: "1.0"', 'version: "2.0"').replace(
            "    method:\n", "    minimum_events: 50\n    method:\n"
        )
        for least in ("5", "3"):
            text = text.replace(f"    minimum_events: {least}\n", "")
        (folder / file.name).write_text(text, encoding="utf-8")
    (mine,) = json.loads(run("backtest", "bone-cement", *SPAN, "--json").stdout)
    (other,) = json.loads(run("backtest", "--plan-file", str(folder / "plan.yaml"), *SPAN, "--json").stdout)

    assert ("bone-cement@1.0", "bone-cement@2.0") == (mine["plan"], other["plan"])
    assert mine["signals"]
    assert other["signals"] == [s for s in mine["signals"] if s["indicator"] == "BC-DISPROPORTION"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing", *SPAN], "there is no plan 'nothing'"),
        (["bone-cement", "--from", "2017-08-01", "--to", "2017-01-01"], "lies before"),
        (["bone-cement", "--from", "2017-08-02", "--to", "2017-09-01"], "not the first day of a month"),
        (["--known", "known.csv", *SPAN], "name it"),
        (["bone-cement", "--plan-file", "plan.yaml", *SPAN], "give one of the two"),
        (["bone-cement", "--known", "/nowhere.csv", *SPAN], "cannot be read"),
        (["bone-cement", "--output", "/nowhere/found.csv", *SPAN], "give another --output"),
    ],
)
def test_what_cannot_be_replayed_is_refused(run: Run, words: list[str], said: str) -> None:
    """One clear message, exit code 1, nothing printed."""
    assert said in refused(run("backtest", *words))
