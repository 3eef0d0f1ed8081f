"""What must hold of every walked world, whatever its data; each test file of this folder imports these for its own."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from include.postmarket.model.batch import NEEDED
from include.postmarket.records.codec import encode
from include.postmarket.records.engine import reading
from include.postmarket.records.verification import verify
from include.postmarket.steps import detect
from include.wiring.local import demo
from tests.contract.loop.world import FIRST_DAY, World, listening, walk

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


@pytest.mark.requirement("G1")
def test_every_row_ends_in_one_place(world: World) -> None:
    """Pulled = accepted + quarantined + superseded, in every batch and in what the status says."""
    house = world.house()
    for source, told in zip(NEEDED, world.status()["sources"], strict=True):
        outcomes = house.batches.outcomes(source)
        sums = [(o.pulled, o.accepted + o.quarantined + o.superseded) for o in outcomes]

        assert all(pulled == ended for pulled, ended in sums)
        assert len(outcomes) == len(demo.pulls(world.reports))
        assert told["pulled"] == sum(pulled for pulled, _ in sums)
        assert told["pulled"] == told["accepted"] + told["quarantined"] + told["superseded"]


@pytest.mark.requirement("G2")
def test_every_run_is_computed_again_to_the_last_bit(world: World) -> None:
    """From plan, period and the recorded snapshot alone, every recorded detection comes out as it is on record."""
    house = world.house()
    for plan_id, dossier in house.dossiers.items():
        for run in house.detections.runs(plan_id):
            snapshot = house.evidence.snapshot(run.stamp.snapshot)
            assert snapshot is not None

            recorded = house.detections.detections(run.stamp.run_id)
            again = detect.compute(house, dossier.plan, run.period, snapshot)

            assert [encode(d) for d in recorded] == [encode(d) for d in again]
            assert detect.make_stamp(dossier.plan, run.period, snapshot) == run.stamp


@pytest.mark.requirement("G3")
def test_every_signal_has_one_ticket_linked_to_its_requirements(world: World) -> None:
    """The stand-in holds one issue a signal, linked to the issues of just the requirements the signal names."""
    issue_of = {r.id: r.issue for d in world.house().dossiers.values() for r in d.requirements}
    status = world.status()
    issues = issues_of(world)
    for signal in status["signals"]:
        issue = issues.pop(signal["ticket"])
        links = issue["fields"]["issuelinks"]
        linked = {link.get("outwardIssue", link.get("inwardIssue"))["key"] for link in links}

        assert {issue_of[name] for name in signal["requirements"]} == linked
        assert signal["title"][:60] in issue["fields"]["summary"]
        assert len(links) == len(linked)

    assert issues == {}
    assert len(status["tickets"]) == len(status["signals"]) > 0


@pytest.mark.requirement("G3")
def test_later_alarms_are_one_comment_each(world: World) -> None:
    """A ticket has as many comments as its signal was seen again, each naming its own month; no month stands twice."""
    for signal in world.status()["signals"]:
        comments = world.ask(f"/rest/api/3/issue/{signal['ticket']}/comment")["comments"]
        written = sorted(text_of(comment["body"]) for comment in comments)
        months = sorted(period[:7] for period in signal["seen_again"])

        assert len(set(months)) == len(months) == len(written)
        assert all(sum(month in text for text in written) == 1 for month in months)


@pytest.mark.requirement("G10")
def test_running_again_changes_nothing(world: World) -> None:
    """The same months walked again, a day later: every table, every file and the stand-in stay as they were."""
    before = (world.rows(), world.files(), world.status())
    with listening() as said:
        filed = walk(world, demo.pulls(world.reports), FIRST_DAY + timedelta(days=1))
    after = (world.rows(), world.files(), world.status())
    done = Counter(outcome.result.value for report in filed for outcome in report.tickets.outcomes)

    assert before[0] == after[0]
    assert before[1:] == after[1:]
    assert set(done) <= {"already filed"}
    assert [canary for canary in world.truth()["canaries"] if canary in said.getvalue()] == []
    with reading(world.house().engine) as connection:
        assert verify(connection) is None


@pytest.mark.requirement("G7")
def test_what_was_not_evaluated_says_why(world: World) -> None:
    """Every point that was not evaluated has a reason, no alarm and no limit; every evaluated one has no reason."""
    for point in world.status()["series"]:
        assert point["evaluated"] == (point["reason"] == ""), point
        assert point["evaluated"] or not point["alarm"], point
        assert point["evaluated"] or (point["limit"], point["p_value"], point["statistic"]) == (None, None, None), point


@pytest.mark.requirement("G4")
def test_no_personal_data_leaves(world: World) -> None:
    """Names, telephone numbers, addresses and serial numbers lie in the complaints, and nowhere outside of the lake."""
    canaries = world.truth()["canaries"]
    complaints = (world.place.demo / "simulated" / "complaints.csv").read_text()
    outside = {
        "stand-in": "".join(p.read_bytes().decode(errors="replace") for p in world.place.home.glob("jira.sqlite*")),
        "logs": world.told + "".join(p.read_text(errors="replace") for p in world.place.home.glob("logs/*.log")),
        "status": json.dumps(world.status(), ensure_ascii=False),
        "records": "\n".join(everything_on_record(world)),
    }

    assert len(canaries) >= 20
    assert all(canary in complaints for canary in canaries)
    for name, text in outside.items():
        assert [canary for canary in canaries if canary in text] == [], name


@pytest.mark.shared
def test_risk_updates_with_exposure_are_valid_records(world: World, shared: Path) -> None:
    """Each estimable update is a valid record as it stands: before from the risk file, after from what was observed.

    Exactly the signals of counts with exposure are estimable. The estimate is the gamma posterior mean: prior events
    and exposure of the risk file (p1 x prior exposure, capped at the field's exposure), plus the field's.
    """
    schema = json.loads((shared / "domain/rules/risk_update_record.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    status, house = world.status(), world.house()
    signals = {s["id"]: s for s in status["signals"]}
    items = {i.id: i for d in house.dossiers.values() for i in d.risk_file.items}
    for update in house.risk_updates.all():
        signal, item = signals[update.signal_id], items[update.risk_id]

        counted = signal["numbers"]["unit"] != "share of devices"
        assert update.estimable == (counted and signal["numbers"]["exposure"] is not None)
        assert update.record["before"]["p1"] == item.p1
        if not update.estimable:
            assert (update.record["after"]["p1"], update.record["decision"]) == (None, None)
            assert update.reason
            continue
        events, exposure = signal["numbers"]["observed"], signal["numbers"]["exposure"]
        prior = min(item.prior_exposure, exposure)

        assert [e.message for e in validator.iter_errors(json.loads(json.dumps(update.record)))] == []
        assert (update.record["evidence"]["events"], update.record["evidence"]["exposure"]) == (events, exposure)
        assert pytest.approx((item.p1 * prior + events) / (prior + exposure)) == update.record["after"]["p1"]
    informed = {(s["id"], risk) for s in status["signals"] for risk in s["risks"]}

    assert informed == {(u["signal"], u["risk"]) for u in status["risk_updates"]}


def issues_of(world: World) -> dict[str, dict[str, Any]]:
    """Give every issue of the ticket project as the stand-in shows it, by key; it is asked until a key is missing."""
    count = world.rows()["jira issue"]
    requirements = sum(1 for d in world.house().dossiers.values() for r in d.requirements if r.issue)
    keys = [f"PMS-{n}" for n in range(1, count - requirements + 1)]
    return {key: world.ask(f"/rest/api/3/issue/{key}") for key in keys}


def text_of(node: Any) -> str:
    """Give all text of an Atlassian document."""
    if isinstance(node, list):
        return " ".join(text_of(part) for part in node)
    return str(node.get("text", "")) + " ".join(text_of(part) for part in node.get("content", []))


def everything_on_record(world: World) -> Iterator[str]:
    """Give every row of every table of the records as text."""
    with world.database.superuser() as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (name,) in names:
            yield from (str(row[0]) for row in connection.execute(f'SELECT t::text FROM "{name}" t'.encode()))
