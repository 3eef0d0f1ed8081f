"""The loop on a folder that holds both real files: bone cement of 2017, and 5,000 reports of December 2025."""

import shutil
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
from tests.contract.loop.recount import raw
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

CEMENT = "data/device/maude_bone_cement_2017.csv"
SAMPLE = "data/real/maude_2025_12_sample_5000.csv"
#: Event types as MAUDE codes them, and the names they are counted under (openFDA, maude enums).
EVENTS = {"IN": "Injury", "M": "Malfunction", "D": "Death"}
SIMILAR = ("FRN", "LZG", "QFG", "OYC", "OZO", "MEA")


@pytest.fixture(name="world", scope="module")
def fixture_world(shared: Path) -> Iterator[World]:
    """Give the world of a folder with both files."""
    with tempfile.TemporaryDirectory(prefix="postmarket-loop-") as home:
        folder = Path(home) / "reports"
        folder.mkdir()
        shutil.copy(shared / CEMENT, folder)
        shutil.copy(shared / SAMPLE, folder)
        with walked(Path(home) / "site", folder) as world:
            yield world


def test_all_rows_of_both_files_are_accepted_once(world: World) -> None:
    """535 and 5,000 reports: 5,535 accepted, none quarantined, none twice; the months walked span the gap of years."""
    reports = next(s for s in world.status()["sources"] if s["source"] == "reports")

    assert (reports["pulled"], reports["accepted"], reports["quarantined"], reports["superseded"]) == (5535, 5535, 0, 0)
    assert ["2017-10", "2017-11", "2017-12", "2025-12"] == [str(m) for m in world.reports.months]


def test_the_surge_is_found_beside_the_other_file(world: World) -> None:
    """Biomet France in October 2017 is a signal here too, with the same number."""
    signal = next(s for s in world.status()["signals"] if s["subgroup"] == "manufacturer=Biomet France")

    assert (signal["period"], signal["numbers"]["observed"]) == ("2017-10-01", 48.0)


def test_one_month_after_years_of_silence_is_no_time_series(world: World) -> None:
    """In December 2025 nothing is compared with 2017: not evaluated, and why; no month without reports alarms.

    (A cumulative sum starts anew after a year that nobody pulled.)
    """
    december = [p for p in world.status()["series"] if p["period"] == "2025-12-01" and p["plan"] == "bone-cement"]
    by_method = {m: [p for p in december if p["method"] == m] for m in ("rate_change", "cusum")}

    assert {(p["evaluated"], p["reason"]) for p in by_method["rate_change"]} == {(False, "history too short")}
    assert [(p["observed"], p["evaluated"], p["alarm"]) for p in by_method["cusum"]] == [(0.0, False, False)]
    assert not any(p["alarm"] for p in december)


def test_pairs_of_similar_pumps_are_evaluated_and_recounted(world: World, shared: Path) -> None:
    """Each pair of a pump's product code and an event type has the count and the PRR of the raw rows.

    PRR = (a / (a + b)) / (c / (c + d)) over all 5,000 reports with a product code.
    """
    rows = [r for r in raw(shared / SAMPLE) if r["device_report_product_code"].strip()]
    pairs = Counter((r["device_report_product_code"], EVENTS[r["event_type"]]) for r in rows)
    products = Counter(r["device_report_product_code"] for r in rows)
    events = Counter(EVENTS[r["event_type"]] for r in rows)
    found = {
        p["subgroup"]: p
        for p in world.status()["series"]
        if (p["indicator"], p["period"]) == ("IP-SIMILAR-DEVICES", "2025-12-01")
    }
    expected = {f"product_code={code}; event_type={event}": n for (code, event), n in pairs.items() if code in SIMILAR}

    assert expected == {name: p["observed"] for name, p in found.items()}
    assert any(p["evaluated"] for p in found.values())
    for (code, event), n in pairs.items():
        if code in SIMILAR and found[f"product_code={code}; event_type={event}"]["evaluated"]:
            others = (events[event] - n) / (len(rows) - products[code])
            told = found[f"product_code={code}; event_type={event}"]["statistic"]

            assert pytest.approx(n / products[code] / others) == told


def test_the_months_between_are_not_silence(world: World) -> None:
    """No month between the two files was pulled, so none is a point: what was not looked at is no zero."""
    found = points(world, "bone-cement", "BC-REPORTS-ALL")

    assert ["2017-10", "2017-11", "2017-12", "2025-12"] == sorted(found)
