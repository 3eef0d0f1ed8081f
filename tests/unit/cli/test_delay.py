"""The `delay` command as a user runs it: without a site, on a file."""

import csv
import itertools
from pathlib import Path

import pytest

from tests.unit.cli.conftest import call_command, refused


@pytest.fixture(name="events")
def _events(tmp_path: Path) -> Path:
    """Write ten events a month of 2018, half of them received a month later; of December half are not known."""
    path = tmp_path / "events.csv"
    months = [(2018, m) for m in range(1, 13)] + [(2019, 1)]
    rows = [
        f"{y}-{m:02d}-05,{a}-{b:02d}-20"
        for (y, m), later in itertools.pairwise(months)
        for a, b in [(y, m)] * 5 + [later] * 5
        if (a, b) < (2019, 1)
    ]
    path.write_text("\n".join(["event,received", *rows]) + "\n")
    return path


def test_the_month_that_is_half_known_is_told(events: Path, tmp_path: Path) -> None:
    """Five of December are known, half of its events: about ten in the end; complete months are in the file only."""
    target = tmp_path / "nowcast.csv"
    done = call_command({}, "delay", "--input", str(events), "--output", str(target))
    rows = list(csv.DictReader(target.read_text().splitlines()))

    assert (0, "") == (done.returncode, done.stderr)
    assert "as of 2019-01-01" in done.stdout
    assert "2018-12        5 known,  50.0% reported; 10.5 expected in the end" in done.stdout
    assert "2018-11" not in done.stdout
    assert [1.0] * 11 + [0.5] == [float(row["share"]) for row in rows]
    assert [f"2018-{m:02d}" for m in range(1, 13)] == [row["period"] for row in rows]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--as-of", "1.1.2019"], "is no day"),
        (["--as-of", "2018-12-15"], "not the first day of a month"),
        (["--output", "/nowhere/nowcast.csv"], "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_refused(events: Path, words: list[str], told: str) -> None:
    """One clear message, exit code 1, nothing printed."""
    assert told in refused(call_command({}, "delay", "--input", str(events), *words))
