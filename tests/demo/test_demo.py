"""The demo as a user runs it: once, again, and killed three times on the way."""

import logging
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SHARED
from tests.demo.demo_process import DemoHome, Ran, moments, new_home

pytestmark = [pytest.mark.demo, pytest.mark.slow, pytest.mark.postgres, pytest.mark.timeout(2400)]

REAL = (SHARED / "data/device/maude_bone_cement_2017.csv", SHARED / "data/real/maude_2025_12_sample_5000.csv")
SEED = 8259
LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A demo that was run once, undisturbed."""

    demo: DemoHome
    ran: Ran
    status: dict[str, Any]


@pytest.fixture(name="reports", scope="module")
def fixture_reports() -> Iterator[Path | None]:
    """Give a folder with both real files, or None (the sample in the repository) where they are absent."""
    if not all(file.is_file() for file in REAL):
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="postmarket-reports-"))
    for file in REAL:
        shutil.copy(file, folder)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(name="finished", scope="module")
def fixture_finished(reports: Path | None) -> Iterator[Finished]:
    """Give a demo that has been run once."""
    demo = new_home(reports)
    ran = run(demo)
    yield Finished(demo=demo, ran=ran, status=demo.status())
    demo.clear()


def run(demo: DemoHome) -> Ran:
    """Run a demo to its end, which must be a good one; the times go to the test's output."""
    ran = demo.run()
    LOG.info("demo: exit %d after %.0f s", ran.code, ran.seconds)
    assert ran.code == 0, f"{ran.said}\n{demo.tail()}"

    return ran


def found(status: dict[str, Any]) -> dict[str, Any]:
    """Give what two runs on the same data must share: no issue keys, which are numbered in order of filing."""
    numbers = {s["id"]: (s["title"], s["period"], s["numbers"], s["label"], s["seen_again"]) for s in status["signals"]}
    return {
        "sources": [
            {k: s[k] for k in ("source", "label", "accepted", "quarantined", "rules")} for s in status["sources"]
        ],
        "signals": numbers,
        "tickets": {t["signal"]: (t["state"], t["summary"], t["requirement_issues"]) for t in status["tickets"]},
        "risk_updates": {u["id"]: (u["risk"], u["estimable"], u["before"], u["after"]) for u in status["risk_updates"]},
    }


def test_the_demo_ends_well_and_tells_what_it_found(finished: Finished) -> None:
    """Exit 0, a summary with rows, series, signals, tickets and risk updates, and where to look."""
    said = finished.ran.said
    status = finished.status

    assert "Rows pulled, and where each of them ended" in said
    assert f"{len(status['signals'])} signals found" in said
    assert f"{len(status['tickets'])} tickets filed" in said
    assert f"{sum(u['estimable'] for u in status['risk_updates'])} risk updates wait for a signature" in said
    assert "New in this run" in said
    assert "Where to look" in said
    assert "Traceback" not in said


def test_every_signal_has_its_one_ticket(finished: Finished) -> None:
    """As many issues in the stand-in as signals, each signal's ticket is one of them, and no summary stands twice."""
    issues = finished.demo.issues()
    signals = finished.status["signals"]

    assert len(signals) >= 3
    assert len(signals) == len(issues) == len({summary for summary, _, _ in issues})
    assert {f"PMS-{n}" for n in range(1, len(issues) + 1)} == {s["ticket"] for s in signals}
    assert {t["state"] for t in finished.status["tickets"]} == {"filed"}


@pytest.mark.shared
def test_real_reports_are_accepted_in_full(finished: Finished, reports: Path | None) -> None:
    """535 reports of bone cement and 5,000 of December 2025: all accepted, and the surge of Biomet France is found."""
    if reports is None:
        pytest.skip("the real files are absent")
    source = next(s for s in finished.status["sources"] if s["source"] == "reports")
    surge = [s for s in finished.status["signals"] if s["title"].endswith("(manufacturer=Biomet France)")]

    assert (source["label"], source["accepted"], source["quarantined"]) == ("real", 5535, 0)
    assert [(s["period"], s["numbers"]["observed"]) for s in surge] == [("2017-10-01", 48.0)]


def test_nothing_is_left_running(finished: Finished) -> None:
    """When the demo has ended, and after a command that borrowed its database, no process of it lives."""
    assert finished.demo.living() == []


def test_secrets_are_the_owners_alone(finished: Finished) -> None:
    """Files that hold a password or a token can be read by nobody else."""
    home = finished.demo.home
    names = ("jira.secret", "environment.json", "airflow/passwords.json", "airflow/jwt.secret", "airflow/api.secret")

    assert {name: oct((home / name).stat().st_mode & 0o777) for name in names} == dict.fromkeys(names, "0o600")


def test_a_second_run_finds_nothing_new_and_says_so(finished: Finished) -> None:
    """The same signals, tickets and comments as before, in the records and in the stand-in."""
    issues = finished.demo.issues()
    again = run(finished.demo)

    assert "Nothing new" in again.said
    assert issues == finished.demo.issues()
    assert found(finished.status) == found(finished.demo.status())
    assert finished.demo.living() == []


def test_killed_three_times_it_ends_with_the_same(finished: Finished, reports: Path | None) -> None:
    """SIGKILL while it starts, while it pulls and while it files; the run after that has the same signals and tickets.

    What a killed run leaves behind is stopped by the next one.
    """
    demo = new_home(reports)
    stages = ("own data: simulated", "Airflow answers", "signals reconciled")
    try:
        for line, delay in zip(stages, moments(SEED, (20.0, 40.0, 15.0)), strict=True):
            killed = demo.kill_after(line, delay)
            LOG.info("killed %.1f s after %r, %.0f s in all, exit %d", delay, line, killed.seconds, killed.code)
            assert killed.code in {-9, 0}, f"{killed.said}\n{demo.tail()}"
        run(demo)
        issues = sorted((summary, comments) for summary, _, comments in demo.issues())

        assert found(finished.status) == found(demo.status())
        assert sorted((summary, comments) for summary, _, comments in finished.demo.issues()) == issues
        assert demo.living() == []
    finally:
        demo.clear()
