"""A risk update proposes with its evidence, never decides, and is never dropped."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.postmarket.model.errors import ConfigurationError, InputError
from include.postmarket.model.requirement import Requirement
from include.postmarket.model.risk import RiskUpdate
from include.postmarket.risk.assessment import QUESTIONS, assessed
from include.postmarket.risk.update import draft_update, update_id
from tests.unit.risk.worlds import MATRIX, OCCASION, REQUIREMENTS, STAMP, evidence, item, risk_file, signal


def draft(risk: Any = None, **field: Any) -> RiskUpdate:
    """Draft the update of the example risk, or of a changed one, with changed evidence."""
    line = risk or item()
    return draft_update(signal(), line, risk_file(line), REQUIREMENTS, evidence(**field), OCCASION)


def schema_of(shared: Path) -> jsonschema.Draft202012Validator:
    """Give the validator of the project's risk update record, dates and moments checked."""
    schema = json.loads((shared / "domain/rules/risk_update_record.schema.json").read_text())
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


@pytest.mark.shared
@pytest.mark.parametrize(
    "field",
    [
        {},
        {"events": 0},
        {"events": 5000},
        {"unit": "device_days", "under_reporting_factor": 3.0, "limitations": "", "record_keys": ()},
    ],
    ids=str,
)
def test_record_follows_the_schema(shared: Path, field: dict[str, Any]) -> None:
    """Every estimated update is a valid risk update record as it stands, before anybody signs."""
    record = json.loads(json.dumps(draft(**field).record, allow_nan=False))

    assert [error.message for error in schema_of(shared).iter_errors(record)] == []


@pytest.mark.shared
@pytest.mark.parametrize("unit", ["device_days", "units_in_use"])
def test_every_unit_of_ours_is_one_of_the_schema(shared: Path, unit: str) -> None:
    """Exposure in device days and in units in use both give a valid record."""
    line = item(exposure_unit=unit)
    file = risk_file(line, matrix=replace(MATRIX, per=unit))
    update = draft_update(signal(), line, file, REQUIREMENTS, evidence(unit=unit), OCCASION)

    assert update.estimable
    assert [error.message for error in schema_of(shared).iter_errors(update.record)] == []


@pytest.mark.shared
def test_update_without_estimate_is_no_valid_record_yet(shared: Path) -> None:
    """What a person still has to fill in, and nothing else, keeps the record from being valid."""
    errors = {".".join(map(str, error.path)) for error in schema_of(shared).iter_errors(draft(exposure=None).record)}

    assert errors == {"evidence.exposure", "decision"}


def test_numbers_of_the_example() -> None:
    """12 events in 100,000 device days on a prediction of 2 in 40,000: posterior Gamma(14, 140000).

    qgamma(.95, 14, 140000) is the chi-square quantile 41.33714 with 28 degrees of freedom over 280000, 1.476e-4; times
    P2 = 0.1 that is 1.48e-5, level 3, unacceptable for severity 4. Before: 5e-6, level 2, investigate.
    """
    record = draft().record

    assert pytest.approx((1e-4, 1e-5)) == (record["after"]["p1"], record["after"]["p_harm"])
    assert pytest.approx(41.33714 / 280_000 * 0.1, rel=1e-6) == record["after"]["p_harm_upper_95"]
    assert (record["before"]["p_level"], record["after"]["p_level"]) == (2, 3)
    assert record["acceptability"] == {
        "matrix_id": "M-5x5",
        "before": "investigate",
        "after": "unacceptable",
        "benefit_risk_needed": True,
    }


def test_level_follows_the_upper_bound_not_the_mean() -> None:
    """The mean of P is 7.9e-6, level 2; its bound is 1.2e-5, level 3: acceptability is claimed on the bound."""
    after = draft(events=9).record["after"]

    assert after["p_harm"] < 1e-5 < after["p_harm_upper_95"]
    assert after["p_level"] == 3


def test_probability_above_the_predicted_band() -> None:
    """The limit of the band before is 1e-5 of harm, 1e-4 of P1: P(Gamma(14, 140000) > 1e-4) = P(Poisson(14) < 14)."""
    after = draft().record["after"]

    poisson_below = 0.4644476  # ppois(13, 14)
    assert after["band_limit_before"] == 1e-5
    assert pytest.approx(poisson_below, rel=1e-6) == after["probability_above_band_limit"]


def test_software_answers_no_question_and_signs_nothing() -> None:
    """All four questions of 10.3 are open, each with what the data say; no signature; only the two mild decisions."""
    for field in ({"events": 0}, {"events": 12}, {"events": 10_000}, {"exposure": None}):
        record = draft(**field).record
        answers = dict(record["question_answers"])
        texts = answers.pop("evidence")

        assert answers == dict.fromkeys(QUESTIONS, "undetermined")
        assert set(texts) == set(QUESTIONS)
        assert all(texts.values())
        assert record["signatures"] == []
        assert record["decision"] in {"estimate_updated", "no_change", None}


def test_field_as_predicted_proposes_no_change() -> None:
    """A field that agrees with the prediction, in enough exposure, keeps level and prediction: no change, and why."""
    record = draft(events=500, exposure=1e7).record

    assert record["decision"] == "no_change"
    assert "the prediction lies inside the interval" in record["decision_rationale"]


def test_prediction_outside_the_interval_is_updated_in_the_same_level() -> None:
    """The level is the same, yet the prediction is off: the estimate is proposed for update."""
    record = draft(events=800, exposure=1e7).record

    assert record["before"]["p_level"] == record["after"]["p_level"]
    assert record["decision"] == "estimate_updated"
    assert "the prediction lies outside the interval" in record["decision_rationale"]


def test_thin_exposure_says_that_it_could_not_have_confirmed() -> None:
    """In 1,000 device days even no event leaves the bound above the level: the rationale says so."""
    thin, enough = draft(events=0, exposure=1e3).record, draft(events=0, exposure=1e6).record

    assert thin["after"]["p_level"] > thin["before"]["p_level"]
    assert "too small to tell" in thin["decision_rationale"]
    assert "too small to tell" not in enough["decision_rationale"]


def test_lower_level_points_at_under_reporting() -> None:
    """No event in a hundred million device days lowers the level, as far as events are reported at all."""
    record = draft(events=0, exposure=1e8).record

    assert record["after"]["p_level"] < record["before"]["p_level"]
    assert "only as far as the field reports all its events" in record["decision_rationale"]


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ({"exposure": None}, "no exposure stands behind"),
        ({"exposure": 0.0}, "exposure is zero"),
        ({"unit": "units_in_use"}, "cannot be compared"),
        ({"unit": "reports"}, "cannot be compared"),
    ],
)
def test_what_gives_no_rate_goes_to_a_person(field: dict[str, Any], reason: str) -> None:
    """Without a comparable exposure the update exists, says why, and claims neither a number nor acceptability."""
    update = draft(**field)

    assert not update.estimable
    assert reason in update.reason
    assert update.reason in update.record["decision_rationale"]
    assert (update.record["after"]["p1"], update.record["after"]["p_level"]) == (None, None)
    assert update.record["acceptability"]["after"] == "investigate"
    assert update.record["evidence"]["events"] == 12


def test_estimate_of_what_cannot_be_estimated_is_refused() -> None:
    """Nobody gets numbers past the reason."""
    with pytest.raises(InputError, match="cannot be estimated: no exposure"):
        assessed(item(), risk_file(), evidence(exposure=None))


def test_requirements_with_version_and_relation() -> None:
    """The item's controls are risk controls; what the indicator guards besides is where the signal comes from."""
    expected = [
        {"requirement_id": "REQ-1", "version": "4", "relation": "risk_control"},
        {"requirement_id": "REQ-2", "version": "1", "relation": "originating"},
    ]

    assert draft().record["requirement_refs"] == expected


def test_requirement_that_is_not_in_the_register_is_refused() -> None:
    """A trace to a requirement without version is no trace."""
    only_first: tuple[Requirement, ...] = REQUIREMENTS[:1]
    with pytest.raises(ConfigurationError, match="REQ-2, not in the register"):
        draft_update(signal(), item(), risk_file(), only_first, evidence(), OCCASION)


def test_no_requirement_at_all_is_refused() -> None:
    """A risk without control and a signal without requirement cannot be traced."""
    line = item(controls=())
    with pytest.raises(ConfigurationError, match="name no requirement"):
        draft_update(signal(requirements=()), line, risk_file(line), REQUIREMENTS, evidence(), OCCASION)


def test_item_of_another_version_is_refused() -> None:
    """Before has to be the risk file in force."""
    with pytest.raises(ConfigurationError, match="not in this version of the risk file"):
        draft_update(signal(), item(p1=1e-3), risk_file(), REQUIREMENTS, evidence(), OCCASION)


def test_wrong_matrix_is_refused() -> None:
    """No update is drafted on scales that give no level."""
    wrong = risk_file(matrix=replace(MATRIX, bands=(1e-6,)))
    with pytest.raises(ConfigurationError, match="do not rise from 0"):
        draft_update(signal(), item(), wrong, REQUIREMENTS, evidence(), OCCASION)


def test_id_is_one_per_signal_and_risk_item() -> None:
    """Drafting again with other evidence is the same update; another signal or risk is another one."""
    assert draft().id == draft(events=99).id == update_id(signal().id, "RISK-1")
    assert len({update_id("SIG-1", "R1"), update_id("SIG-1", "R2"), update_id("SIG-2", "R1")}) == 3


def test_draft_can_be_computed_again() -> None:
    """The same inputs give the same record to the last bit (G2), and it carries the run's stamp."""
    assert draft() == draft()
    assert draft().stamp == STAMP
    assert draft().record["software"]["version"] == STAMP.code


def test_window_is_written_with_both_days_included() -> None:
    """The window to 1 February (excluded) reads 1 to 31 January."""
    found = draft().record["evidence"]

    assert (found["window_start"], found["window_end"]) == ("2026-01-01", "2026-01-31")


def test_label_and_factor_are_stated() -> None:
    """Whoever reads the evidence reads that it is simulated and that no under-reporting was corrected for."""
    limitations = draft().record["evidence"]["limitations"]

    assert limitations == "Data are simulated. Under-reporting factor 1 as stated. Example content."


def test_moments_are_written_in_utc() -> None:
    """A moment of another zone is converted; one without zone is refused, nobody guesses."""
    here = datetime(2026, 2, 1, 7, 5, tzinfo=timezone(timedelta(hours=1)))
    occasion = replace(OCCASION, created_utc=here)
    update = draft_update(signal(), item(), risk_file(), REQUIREMENTS, evidence(), occasion)

    assert update.record["created_utc"] == "2026-02-01T06:05:00Z"
    with pytest.raises(InputError, match="has no time zone"):
        draft_update(
            signal(),
            item(),
            risk_file(),
            REQUIREMENTS,
            evidence(),
            replace(OCCASION, detected_utc=datetime.now(UTC).replace(tzinfo=None)),
        )


@given(events=st.integers(0, 2000), exposure=st.floats(1, 1e9), severity=st.integers(1, 5), p2=st.floats(1e-9, 1))
def test_acceptable_is_only_claimed_on_the_bound(events: int, exposure: float, severity: int, p2: float) -> None:
    """Whatever the field says, the acceptability after is the cell of the upper bound's band."""
    line = item(severity=severity, p2=p2)
    record = draft(line, events=events, exposure=exposure).record
    level = sum(bound <= record["after"]["p_harm_upper_95"] for bound in MATRIX.bands)

    assert record["acceptability"]["after"] == MATRIX.cells[level - 1][severity - 1]
    assert record["after"]["ci_low"] <= record["after"]["p_harm_upper_95"] <= record["after"]["ci_high"]
