"""Every rule of every suite, broken by one row each, and what a pull as a whole is stopped for."""

from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest

from include.postmarket.checks import codes, run
from include.postmarket.checks.result import CheckResult, History, Limits, Severity, Standing
from include.postmarket.model.batch import Label, Landing, Media, Source, Window
from include.postmarket.model.canonical import canonical_json
from include.postmarket.sources.register import SHAPES
from include.postmarket.sources.shape import Asked

MARCH = Window(date(2024, 3, 1), date(2024, 4, 1))
LENIENT = Limits(quarantine_share=1.0, stale_days=40)
CODES = codes.load()

#: One sound row a source; tests change single cells of it.
SOUND: dict[Source, dict[str, str]] = {
    Source.REPORTS: {
        "mdr_report_key": "1",
        "date_received": "20240305",
        "date_of_event": "20240301",
        "event_type": "M",
        "manufacturer_d_name": "ACME",
        "noe_summarized": "1",
        "adverse_event_flag": "N",
    },
    Source.COMPLAINTS: {
        "complaint_id": "C-1",
        "received": "2024-03-05",
        "event_date": "2024-03-01",
        "model": "X",
        "imdrf_release": "2024",
        "problem_code": "A0705",
        "health_impact_code": "F26",
    },
    Source.EXPOSURE: {
        "period": "2024-03-01",
        "model": "X",
        "software_version": "2.0",
        "region": "EU",
        "units_in_use": "10",
        "device_days": "310",
    },
    Source.PERFORMANCE: {
        "device": "d1",
        "measured": "2024-03-05",
        "model": "X",
        "battery_hours": "8",
        "flow_error_percent": "-1.5",
        "occlusion_alarms_per_100_h": "0.2",
        "motor_current_ma": "120",
    },
    Source.RECALLS: {"product_res_number": "Z-0001-2024", "event_date_posted": "2024-03-05"},
    Source.ENFORCEMENTS: {"recall_number": "Z-0001-2024", "report_date": "20240305"},
    Source.CLASSIFICATIONS: {"product_code": "LOD", "listed": "2024-03-05", "device_name": "Bone Cement"},
    Source.CLEARANCES: {"k_number": "K240001", "decision_date": "2024-03-05", "date_received": "2024-01-05"},
    Source.APPROVALS: {"approval": "P240001/S001", "decision_date": "2024-03-05"},
    Source.DEVICES: {"udi_di": "09999999200011", "public_version_date": "2024-03-05"},
    Source.DRUG_REPORTS: {"safetyreportid": "1", "receivedate": "20240305"},
}

#: Source, the cell that is changed, and all the rules it breaks: those that quarantine, in the order of the suite.
BROKEN: list[tuple[Source, dict[str, str], tuple[str, ...]]] = [
    (Source.REPORTS, {"mdr_report_key": ""}, ("report_key_present",)),
    (Source.REPORTS, {"mdr_report_key": "a\x00b"}, ("no_nul_character",)),
    (Source.REPORTS, {"date_received": "soon"}, ("received_readable", "received_present")),
    (Source.REPORTS, {"date_received": ""}, ("received_present",)),
    (Source.REPORTS, {"date_received": "20240901", "date_of_event": ""}, ("received_not_after_pull",)),
    (Source.REPORTS, {"date_of_event": "20240230"}, ("event_date_readable",)),
    (Source.REPORTS, {"date_of_event": "20240306"}, ("event_date_not_after_received",)),
    (Source.REPORTS, {"event_type": ""}, ("event_type_present",)),
    (Source.REPORTS, {"event_type": "<script>"}, ("event_type_valid",)),
    (Source.REPORTS, {"noe_summarized": "0"}, ("events_at_least_one",)),
    (Source.REPORTS, {"noe_summarized": "many"}, ("events_readable",)),
    (
        Source.REPORTS,
        {"mdr_report_key": "", "event_type": "ZZ", "date_of_event": "20240306"},
        ("report_key_present", "event_type_valid", "event_date_not_after_received"),
    ),
    (Source.COMPLAINTS, {"model": ""}, ("model_present",)),
    (Source.COMPLAINTS, {"problem_code": "A0799"}, ("problem_code_valid",)),
    (Source.COMPLAINTS, {"problem_code": "A071205"}, ("problem_code_valid",)),
    (Source.COMPLAINTS, {"problem_code": "a0705"}, ("problem_code_valid",)),
    (Source.COMPLAINTS, {"problem_code": ""}, ("problem_code_present",)),
    (Source.COMPLAINTS, {"imdrf_release": "1999"}, ("imdrf_release_known", "problem_code_valid")),
    (Source.COMPLAINTS, {"imdrf_release": ""}, ("imdrf_release_present",)),
    (Source.COMPLAINTS, {"health_impact_code": "E26"}, ("health_impact_code_shape",)),
    (Source.COMPLAINTS, {"received": "03/05/2024"}, ("received_readable", "received_present")),
    (Source.COMPLAINTS, {"received": "2024-09-01"}, ("received_not_after_pull",)),
    (Source.COMPLAINTS, {"event_date": "2024-03-06"}, ("event_date_not_after_received",)),
    (Source.EXPOSURE, {"units_in_use": "0"}, ("units_in_use_above_zero",)),
    (Source.EXPOSURE, {"device_days": "0"}, ("device_days_above_zero",)),
    (Source.EXPOSURE, {"device_days": "-1"}, ("device_days_above_zero",)),
    (Source.EXPOSURE, {"device_days": "1,5"}, ("device_days_readable", "device_days_present")),
    (Source.EXPOSURE, {"region": ""}, ("region_present",)),
    (Source.EXPOSURE, {"period": "2024-03-02"}, ("period_is_first_of_month",)),
    (Source.PERFORMANCE, {"device": ""}, ("device_present",)),
    (Source.PERFORMANCE, {"battery_hours": "-1"}, ("battery_hours_possible",)),
    (Source.PERFORMANCE, {"battery_hours": "1001"}, ("battery_hours_possible",)),
    (Source.PERFORMANCE, {"flow_error_percent": "-101"}, ("flow_error_percent_possible",)),
    (Source.PERFORMANCE, {"motor_current_ma": "nan"}, ("motor_current_ma_readable", "motor_current_ma_present")),
    (
        Source.PERFORMANCE,
        {"battery_hours": "-1", "motor_current_ma": "1e9"},
        ("battery_hours_possible", "motor_current_ma_possible"),
    ),
]


def _landing(source: Source, window: Window = MARCH) -> Landing:
    return Landing(
        source=source,
        window=window,
        sha256="a" * 64,
        size=1,
        media=Media.CSV,
        origin="made.csv",
        label=Label.SIMULATED,
        pulled_at=datetime(2024, 4, 2, tzinfo=UTC),
    )


def _rows(source: Source, *changes: dict[str, str]) -> pd.DataFrame:
    rows = [SOUND[source] | change for change in changes]
    text = "\n".join([",".join(SOUND[source]), *(",".join(f'"{c}"' for c in row.values()) for row in rows)])
    return SHAPES[source].read(text.encode(), Media.CSV, Asked(listed=date(2024, 3, 5)))


def _check(rows: pd.DataFrame, source: Source, limits: Limits = LENIENT, *history: float) -> CheckResult:
    return run.check(rows, _landing(source), History(per_day=tuple(history)), limits, CODES)


def _standing(result: CheckResult, name: str) -> Standing:
    return next(r.standing for r in result.rules if r.rule == name)


@pytest.mark.parametrize("source", Source)
def test_sound_row_breaks_nothing(source: Source) -> None:
    """A sound row keeps every rule; what is usual is not evaluated without history, and says so."""
    result = _check(_rows(source, {}), source)

    unknown = {r.rule for r in result.rules if r.standing is Standing.NOT_EVALUATED}
    assert unknown == {"volume", "filled_as_usual", "shares_as_usual"}
    assert {r.standing for r in result.rules if r.rule not in unknown} == {Standing.KEPT}
    assert (result.failed, result.stopped) == ({}, "")


@pytest.mark.parametrize(
    ("source", "change", "rules"), BROKEN, ids=[f"{s}-{c}".replace("\x00", "0") for s, c, _ in BROKEN]
)
def test_bad_row_is_named_with_all_its_rules(source: Source, change: dict[str, str], rules: tuple[str, ...]) -> None:
    """Exactly the bad row is named, with every rule it broke; the sound one beside it is not."""
    other = dict(zip(("mdr_report_key", "complaint_id", "region", "device"), ("9", "C-9", "US", "d9"), strict=True))
    sound = {c: v for c, v in other.items() if c in SOUND[source]}

    result = _check(_rows(source, sound, change), source)

    expected = {2: rules}
    assert expected == result.failed
    assert result.stopped == ""


def test_row_of_the_wrong_length_is_bad() -> None:
    """A row with a cell too many is not trusted in any of its cells."""
    header, row = ",".join(SOUND[Source.EXPOSURE]), ",".join(SOUND[Source.EXPOSURE].values())
    rows = SHAPES[Source.EXPOSURE].read(f"{header}\n{row},more\n".encode(), Media.CSV)

    expected = {1: ("row_shape",)}
    assert expected == _check(rows, Source.EXPOSURE).failed


@pytest.mark.parametrize("source", [Source.REPORTS, Source.EXPOSURE], ids=["one column", "four columns"])
def test_all_rows_of_a_shared_key_are_bad(source: Source) -> None:
    """Of rows with the same key none is picked; a row without a key shares none."""
    changes: dict[Source, tuple[dict[str, str], ...]] = {
        Source.REPORTS: ({}, {"event_type": "D"}, {"mdr_report_key": "2"}),
        Source.EXPOSURE: ({}, {"units_in_use": "11"}, {"region": "US"}),
    }

    result = _check(_rows(source, *changes[source]), source)

    expected = {1: ("unique_key",), 2: ("unique_key",)}
    assert expected == result.failed


@pytest.mark.parametrize(
    ("source", "change", "name"),
    [
        (Source.REPORTS, {"adverse_event_flag": "Y"}, "flags_agree_with_event_type"),
        (Source.EXPOSURE, {"device_days": "311"}, "device_days_within_units"),
    ],
)
def test_warning_is_said_and_quarantines_nothing(source: Source, change: dict[str, str], name: str) -> None:
    """A warning names how many rows, and lets them through."""
    result = _check(_rows(source, change), source)

    assert _standing(result, name) is Standing.BROKEN
    assert (result.failed, result.stopped) == ({}, "")


def test_share_of_bad_rows_stops_the_batch() -> None:
    """At the plan's limit the batch goes on, above it the batch stops and says why."""
    rows = _rows(Source.REPORTS, *({"mdr_report_key": str(n), "event_type": "ZZ" if n < 2 else "M"} for n in range(10)))

    at = _check(rows, Source.REPORTS, Limits(quarantine_share=0.2, stale_days=40))
    above = _check(rows, Source.REPORTS, Limits(quarantine_share=0.19, stale_days=40))

    assert at.stopped == ""
    assert above.stopped == "2 of 10 rows are bad (20.0%), the plan allows 19.0% of a pull"


@pytest.mark.parametrize(("severity", "stops"), [(Severity.WARN, False), (Severity.STOP, True)])
def test_stale_pull(severity: Severity, *, stops: bool) -> None:
    """A pull whose newest row lies too far before the window's end warns or stops, as the plan says."""
    limits = Limits(quarantine_share=1.0, stale_days=5, freshness=severity)

    result = _check(_rows(Source.REPORTS, {}), Source.REPORTS, limits)

    assert _standing(result, "freshness") is Standing.BROKEN
    assert stops == ("freshness is broken (observed 2024-03-05; asked min_value 2024-03-27" in result.stopped)


def test_row_from_the_future_makes_nothing_fresh() -> None:
    """Freshness looks at rows that can be true."""
    rows = _rows(Source.REPORTS, {"date_received": "20990101", "date_of_event": ""}, {"mdr_report_key": "2"})

    result = _check(rows, Source.REPORTS, Limits(quarantine_share=1.0, stale_days=5))

    assert _standing(result, "freshness") is Standing.BROKEN


@pytest.mark.parametrize(
    ("rows", "standing"), [(1, Standing.BROKEN), (2, Standing.KEPT), (8, Standing.KEPT), (10, Standing.BROKEN)]
)
def test_volume_against_history(rows: int, standing: Standing) -> None:
    """With a median of 4 rows a month, between a half and double is usual; an outlier of history moves nothing."""
    limits = Limits(quarantine_share=1.0, stale_days=40, volume_low=0.5, volume_high=2.0)
    many = _rows(Source.REPORTS, *({"mdr_report_key": str(n)} for n in range(rows)))

    result = _check(many, Source.REPORTS, limits, 4 / 31, 1000.0, 4 / 31, 0.0, 4 / 31)

    assert standing is _standing(result, "volume")


def test_empty_pull_is_a_pull() -> None:
    """Nothing reported breaks no row rule and stops nothing; that nothing is fresh is said."""
    result = _check(_rows(Source.REPORTS), Source.REPORTS)

    assert (result.rows, result.failed, result.stopped) == (0, {}, "")
    assert _standing(result, "freshness") is Standing.BROKEN


def test_rule_that_raises_stops_the_batch_and_loses_no_other() -> None:
    """A rule that cannot be evaluated is said by name and kind of error; rows that broke others are named as ever."""
    rows = _rows(Source.REPORTS, {"event_type": "ZZ"}).drop(columns="events")

    result = _check(rows, Source.REPORTS)

    assert _standing(result, "schema") is Standing.BROKEN
    assert _standing(result, "events_at_least_one") is Standing.RAISED
    assert "events_at_least_one could not be evaluated (the rule itself failed: " in result.stopped
    assert result.failed == {1: ("event_type_valid",)}


def test_checking_twice_gives_the_same_evidence() -> None:
    """Evidence has no run id, time or address: its hash is that of what was found. Rows are left as they were."""
    rows = _rows(Source.COMPLAINTS, {}, {"complaint_id": "C-2", "problem_code": "A0799"})
    before = rows.copy()

    first, second = _check(rows, Source.COMPLAINTS), _check(rows, Source.COMPLAINTS)

    assert canonical_json(first.evidence) == canonical_json(second.evidence)
    pd.testing.assert_frame_equal(before, rows)


def test_evidence_holds_no_cell() -> None:
    """What stands in a bad cell reaches neither evidence nor result: it may be anything, a name included."""
    source, canary = Source.COMPLAINTS, "Jane Roe 555-0199"
    change: dict[str, Any] = {c: canary for c in SOUND[source] if c != "complaint_id"}

    result = _check(_rows(source, change), source)

    assert result.failed
    assert canary not in canonical_json(result.evidence).decode()
    assert canary not in str(result.rules)
