"""The loop on the 535 real reports of bone cement of 2017 (FDA MAUDE), with the simulated pump beside them."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.loop.invariants import (
    test_every_row_ends_in_one_place,
    test_every_run_is_computed_again_to_the_last_bit,
    test_every_signal_has_one_ticket_linked_to_its_requirements,
    test_later_alarms_are_one_comment_each,
    test_no_personal_data_leaves,
    test_risk_updates_with_exposure_are_valid_records,
    test_running_again_changes_nothing,
    test_what_was_not_evaluated_says_why,
)
from tests.contract.loop.recount import BONE_CEMENT, MAKERS, bone_cement_by_month, raw
from tests.contract.loop.test_reconstructed_sample import points
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
pytestmark = [pytest.mark.timeout(1800), pytest.mark.postgres, pytest.mark.slow, pytest.mark.shared]

FILE = "data/device/maude_bone_cement_2017.csv"


@pytest.fixture(name="world", scope="module")
def fixture_world(shared: Path) -> Iterator[World]:
    """Give the world of the real file."""
    with tempfile.TemporaryDirectory(prefix="postmarket-loop-") as home, walked(Path(home), shared / FILE) as world:
        yield world


def test_every_row_of_every_source_is_accounted_for(world: World) -> None:
    """535 reports accepted. Of the pump's files: all rows but the planted dirt; undated rows come with every pull."""
    told = {
        s["source"]: (s["label"], s["pulled"], s["accepted"], s["quarantined"], s["superseded"])
        for s in world.status()["sources"]
    }
    rows = world.truth()["rows"]
    dirty = sum(d["rows"] for d in world.truth()["dirt"] if d["file"] == "complaints.csv")
    # 2 undated and 2 future rows come with each of the three later pulls; a row written twice is superseded once.
    again = 3 * 4
    # A conflicting duplicate takes the row it contradicts into quarantine with it; the same row twice waits nowhere.
    quarantined = dirty - 1 + 1

    assert told["reports"] == ("real", 535, 535, 0, 0)
    assert told["exposure"] == ("simulated", rows["exposure.csv"], rows["exposure.csv"] - 1, 1, 0)
    assert told["performance"] == ("simulated", rows["performance.parquet"], rows["performance.parquet"] - 3, 3, 0)
    assert told["complaints"] == (
        "simulated",
        rows["complaints.csv"] + again,
        rows["complaints.csv"] - quarantined - 1,
        quarantined,
        again + 1,
    )


def test_the_surge_is_found_in_october_as_a_reporting_count(world: World) -> None:
    """48 reports of Biomet France in October 2017 are a signal; September is none; there is no exposure and no rate."""
    signal = next(s for s in world.status()["signals"] if s["subgroup"] == "manufacturer=Biomet France")
    found = points(world, "bone-cement", "BC-REPORTS-BY-MAKER", "manufacturer=Biomet France")

    assert (signal["period"], signal["numbers"]["observed"], signal["record_count"]) == ("2017-10-01", 48.0, 48)
    assert (signal["reporting_count"], signal["numbers"]["exposure"], signal["label"]) == (True, None, ["real"])
    assert found["2017-09"]["evaluated"]
    assert not found["2017-09"]["alarm"]


@pytest.mark.parametrize("maker", sorted(set(MAKERS.values())))
def test_reports_by_maker_are_recounted_by_hand(world: World, shared: Path, maker: str) -> None:
    """Each point of a maker is the number of rows that plain csv counts in the raw file."""
    by_hand = bone_cement_by_month(raw(shared / FILE), maker)
    found = points(world, "bone-cement", "BC-REPORTS-BY-MAKER", f"manufacturer={maker}")

    assert {month: by_hand[month] for month in found} == {month: p["observed"] for month, p in found.items()}
    assert len(found) == 4


def test_all_reports_and_harm_are_recounted_by_hand(world: World, shared: Path) -> None:
    """All bone cement reports, and deaths with injuries, month by month."""
    rows = [row for row in raw(shared / FILE) if row["device_name"] in BONE_CEMENT]
    month = [f"{r['date_received'][:4]}-{r['date_received'][4:6]}" for r in rows]
    everything = Counter(month)
    harm = Counter(m for m, r in zip(month, rows, strict=True) if r["event_type"] in {"Death", "Injury"})
    for indicator, by_hand in (("BC-REPORTS-ALL", everything), ("BC-HARM", harm)):
        found = points(world, "bone-cement", indicator)

        assert {m: by_hand[m] for m in found} == {m: p["observed"] for m, p in found.items()}


def test_pairs_are_recounted_by_hand(world: World, shared: Path) -> None:
    """Injuries of Zimmer Biomet in proportion: n and PRR of December over the year, from the raw rows.

    A pair counts all reports of a maker with a bone cement in scope, of its other devices too (`series.pairs.pair`).
    PRR = (a / (a + b)) / (c / (c + d)) (Evans 2001): a of the maker's reports with the event, c of all others'.
    """
    # Reports whose maker is not told ("." or "NA") belong to no pair.
    rows = [row for row in raw(shared / FILE) if row["manufacturer_d_name"] not in {".", "NA"}]
    ours = [row["event_type"] == "Injury" for row in rows if MAKERS.get(row["manufacturer_d_name"]) == "Zimmer Biomet"]
    others = [
        row["event_type"] == "Injury" for row in rows if MAKERS.get(row["manufacturer_d_name"]) != "Zimmer Biomet"
    ]
    subgroup = "manufacturer=Zimmer Biomet; event_type=Injury"
    point = points(world, "bone-cement", "BC-DISPROPORTION", subgroup)["2017-12"]

    assert point["observed"] == sum(ours)
    assert pytest.approx((sum(ours) / len(ours)) / (sum(others) / len(others))) == point["statistic"]


def test_no_pump_is_among_bone_cements(world: World) -> None:
    """The pump plan's similar devices are not in this file: not evaluated, with the reason, in every month."""
    found = points(world, "infusion-pump", "IP-SIMILAR-DEVICES")

    assert {(p["evaluated"], p["reason"]) for p in found.values()} == {(False, "no report of the products in scope")}
    assert len(found) == 4
