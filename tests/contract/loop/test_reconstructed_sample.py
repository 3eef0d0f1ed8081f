"""The loop on what the repository brings: reconstructed reports of 2017 and the simulated pump. Needs no network."""

import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from include.postmarket.cli import summary
from include.postmarket.model.period import Period
from include.postmarket.signals.known_events import KnownEvent
from include.postmarket.steps.backtest import Question, replay
from include.postmarket.steps.backtest_report import report
from include.sample.complaints import CODES
from tests.contract.loop.invariants import (
    test_every_row_ends_in_one_place,
    test_every_run_is_computed_again_to_the_last_bit,
    test_every_signal_has_one_ticket_linked_to_its_requirements,
    test_later_alarms_are_one_comment_each,
    test_no_personal_data_leaves,
    test_risk_updates_with_exposure_are_valid_records,
    test_running_again_changes_nothing,
    test_what_was_not_evaluated_says_why,
    text_of,
)
from tests.contract.loop.recount import clean_complaints, device_days
from tests.contract.loop.world import World, walked

__all__ = [
    "test_every_row_ends_in_one_place",
    "test_every_run_is_computed_again_to_the_last_bit",
    "test_every_signal_has_one_ticket_linked_to_its_requirements",
    "test_later_alarms_are_one_comment_each",
    "test_no_personal_data_leaves",
    "test_risk_updates_with_exposure_are_valid_records",
    "test_running_again_changes_nothing",
    "test_what_was_not_evaluated_says_why",
]
pytestmark = [pytest.mark.timeout(1800), pytest.mark.postgres, pytest.mark.slow]

MONTHS = ("2017-09", "2017-10", "2017-11", "2017-12")


@pytest.fixture(name="world", scope="module")
def fixture_world() -> Iterator[World]:
    """Give the world of the sample."""
    with tempfile.TemporaryDirectory(prefix="postmarket-loop-") as home, walked(Path(home), None) as world:
        yield world


def points(world: World, plan: str, indicator: str, subgroup: str = "") -> dict[str, dict[str, Any]]:
    """Give the points of one series by month."""
    wanted = (plan, indicator, subgroup)
    return {
        p["period"][:7]: p for p in world.status()["series"] if (p["plan"], p["indicator"], p["subgroup"]) == wanted
    }


def test_monthly_counts_are_those_of_the_real_file(world: World) -> None:
    """Biomet France: 17, 48, 30 and 33 reports from September to December 2017 (FDA MAUDE), first alarm in October."""
    found = points(world, "bone-cement", "BC-REPORTS-BY-MAKER", "manufacturer=Biomet France")

    assert {"2017-09": 17, "2017-10": 48, "2017-11": 30, "2017-12": 33} == {m: p["observed"] for m, p in found.items()}
    assert next(m for m in MONTHS if found[m]["alarm"]) == "2017-10"


def test_reconstructed_data_are_called_so(world: World) -> None:
    """Signal, ticket text, comment-bearing issue and source say reconstructed; nothing of this world says real."""
    status = world.status()
    by_plan = {s["plan"]: s["label"] for s in status["signals"]}
    reports = next(s for s in status["sources"] if s["source"] == "reports")

    assert {"bone-cement": ["reconstructed"], "infusion-pump": ["simulated"]} == by_plan
    assert (reports["label"], reports["accepted"]) == ("reconstructed", 535)
    for signal in status["signals"]:
        issue = world.ask(f"/rest/api/3/issue/{signal['ticket']}")["fields"]
        text = text_of(issue["description"]).lower()

        assert signal["label"][0] in text, signal["ticket"]
        assert "label: real" not in text


def test_planted_faults_are_found_and_nothing_before_them(world: World) -> None:
    """Power complaints of software 3.2 from October, drift of software 3.1 from November, as the truth file says."""
    truth = {fault["kind"]: fault for fault in world.truth()["faults"]}
    signals = [s for s in world.status()["signals"] if s["plan"] == "infusion-pump"]
    found = {(s["indicator"], s["subgroup"]): s["period"][:7] for s in signals}
    power, drift = truth["power_complaints"], truth["flow_drift"]

    assert found["IP-POWER", f"software_version={power['software_version']}"] == power["start"]
    assert found["IP-POWER-ASSUMED", ""] == power["start"]
    drifting = f"software_version={drift['software_version']}"
    assert found["IP-PERFORMANCE", drifting] == found["IP-FLOW-DRIFT", drifting] == drift["start"]
    assert set(found) == {
        ("IP-POWER", f"software_version={power['software_version']}"),
        ("IP-POWER-ASSUMED", ""),
        ("IP-PERFORMANCE", drifting),
        ("IP-FLOW-DRIFT", drifting),
    }
    assert min(found.values()) == power["start"]


def test_a_back_test_says_what_the_months_said_and_writes_nothing(world: World) -> None:
    """Each month's run and detections are those on record, the planted faults are found, and nothing is new."""
    house, before = world.house(), (world.rows(), world.files())
    truth = {fault["kind"]: fault for fault in world.truth()["faults"]}
    months = [Period.from_key(f"{month}-01") for month in MONTHS]
    found = {}
    for plan_id, dossier in house.dossiers.items():
        question = Question(dossier=dossier, first=months[0], last=months[-1])
        found[plan_id] = replay(house, question, lambda _: None)
        recorded = {run.stamp.run_id: run for run in house.detections.runs(plan_id)}

        for month in found[plan_id].months:
            assert recorded[month.run_id].period == month.period
            assert month.detections == house.detections.detections(month.run_id)
    power = truth["power_complaints"]
    planted = KnownEvent(
        day=date.fromisoformat(f"{power['start']}-01"),
        label="planted",
        indicator="IP-POWER",
        subgroup=f"software_version={power['software_version']}",
    )
    (event,) = report(found["infusion-pump"], [planted], 6)["events"]
    opened = {known.signal.id for replayed in found.values() for known in replayed.book}

    assert (event["month"][:7], event["lead_days"]) == (power["start"], -31)
    assert {kept.signal.id for kept in house.signals.all()} == opened
    assert before == (world.rows(), world.files())


def test_planted_dirt_waits_in_quarantine(world: World) -> None:
    """Every planted kind is caught by its own rule, in its number; nothing else is."""
    dirt = {d["kind"]: d["rows"] for d in world.truth()["dirt"]}
    rules = {s["source"]: s["rules"] for s in world.status()["sources"]}
    expected = {
        "received_not_after_pull": dirt["future_date"],
        "received_readable": dirt["unreadable_date"],
        "received_present": dirt["unreadable_date"],
        "problem_code_valid": dirt["unknown_code"] + dirt["retired_code"],
        "event_date_not_after_received": dirt["event_after_received"],
        "model_present": dirt["missing_model"],
        "unique_key": 2 * dirt["duplicate_conflicting"],
    }

    assert expected == rules["complaints"]
    assert rules["exposure"] == {"device_days_above_zero": 1, "units_in_use_above_zero": 1}
    assert rules["performance"] == dict.fromkeys(
        ("battery_hours_possible", "flow_error_percent_possible", "motor_current_ma_possible"), 1
    )


@pytest.mark.parametrize("month", MONTHS)
@pytest.mark.parametrize("version", ["", "3.0", "3.1", "3.2"])
def test_power_complaints_are_recounted_by_hand(world: World, month: str, version: str) -> None:
    """Complaints and device-days of the status are those that plain csv counts in the files as they lie."""
    own = world.place.demo / "simulated"
    scope = {"software_version": version} if version else {}
    events = [
        row
        for row in clean_complaints(own / "complaints.csv")
        if row["received"].startswith(month)
        and row["problem_code"] in CODES["power"]
        and (not version or row["software_version"] == version)
    ]
    subgroup = f"software_version={version}" if version else ""
    told = points(world, "infusion-pump", "IP-POWER", subgroup)[month]

    assert (len(events), device_days(own / "exposure.csv", month, **scope)) == (told["observed"], told["exposure"])


def test_every_count_has_its_records(world: World) -> None:
    """A signal's count is the number of record keys behind it, and each key is a row of the lake."""
    house = world.house()
    for kept in house.signals.all():
        seen = kept.signal.opened_by
        if seen.unit == "share of devices":
            continue

        assert seen.observed == len(set(seen.record_ids))


def test_measurements_are_no_reporting_count(world: World) -> None:
    """A share of devices is not called a count of reports; counts without exposure are, and rates are not."""
    told = {s["indicator"]: s["reporting_count"] for s in world.status()["signals"]}

    assert told["BC-REPORTS-BY-MAKER"]
    assert not told["IP-POWER"]
    assert not told["IP-PERFORMANCE"]


def test_the_summary_shows_what_the_status_holds(world: World) -> None:
    """Every signal with its ticket, every source with its sums and every draft to sign stands in the summary."""
    from rich.console import Console

    console = Console(width=140, record=True, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    status = world.status()
    summary.show(console, status)
    said = console.export_text()

    for signal in status["signals"]:
        assert signal["id"] in said
        assert signal["ticket"] in said
    for source in status["sources"]:
        assert f"{source['accepted']:,}" in said
    for update in status["risk_updates"]:
        assert not update["estimable"] or update["id"] in said
