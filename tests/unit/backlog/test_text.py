"""What a ticket says."""

from dataclasses import replace

import pytest

from include.postmarket.backlog.outbound import SUMMARY_LIMIT, ticket_leaks
from include.postmarket.backlog.text import (
    Evidence,
    chain_lines,
    dedupe_key,
    plan_comment,
    plan_ticket,
    product_words,
    shorten,
    summary,
)
from include.postmarket.model.batch import Label
from include.postmarket.model.errors import ConfigurationError
from tests.unit.backlog.worlds import CHAIN, EVIDENCE, PLAN, detection, signal


def test_the_ticket_shows_the_numbers_as_of_filing() -> None:
    """Every number, the method, the label of the data and the stamp stand in the table."""
    table = dict(plan_ticket(signal(), PLAN, CHAIN, EVIDENCE).text.table)

    assert table == {
        "Product": "Infuso PX-4400200199",
        "Indicator": "occlusion: Occlusion alarms that came late",
        "Subgroup": "all",
        "Period": "2026-03",
        "Observed": "12 reports",
        "Expected": "4.08 reports",
        "Limit": "9.5 reports",
        "Exposure": "123,456 device days",
        "Method": "poisson_cusum (arl = 200, ratio = 2)",
        "p-value": "0.000123",
        "Adjusted p-value": "0.0042",
        "Data": "simulated",
        "Priority": "high",
        "Signal": "SIG-0123456789-1",
        "Run": "asset_triggered__2026-04-02T06:00:00.123456+00:00_uT9kQ2xZ",
        "As of": "2026-04-02",
        "Snapshot": signal().stamp.snapshot,
        "Plan": "pump@2.1.0",
        "Plan digest": signal().stamp.plan_digest,
        "Code": signal().stamp.code,
    }


def test_a_count_without_exposure_says_that_it_is_no_rate() -> None:
    """Table and text both say that a reporting count is not a rate; what is not given is said so."""
    counted = signal(opened_by=detection(exposure=None, expected=None, limit=float("inf"), p_value=None))
    text = plan_ticket(counted, PLAN, CHAIN, EVIDENCE).text
    table = dict(text.table)

    assert table["Exposure"] == "none: this is a reporting count, not a rate"
    assert [table["Expected"], table["Limit"], table["p-value"]] == ["not given"] * 3
    assert "This is a reporting count, not a rate." in text.sections[0][1][0]


def test_the_chain_goes_from_requirement_to_risk_and_test() -> None:
    """Each link of the chain is a line, with severity by name and the last result of the test."""
    assert chain_lines(signal(), CHAIN) == (
        "REQ-12 (version 3, REQ-4): The pump shall alarm within 60 s of an occlusion at 1 ml/h.",
        "REQ-12 -> RISK-7: Undelivered insulin -> Hyperglycaemia (severity 4, critical; risk file version 7)",
        "REQ-12 -> TEST-88: Occlusion at low flow (last result: pass, 2026-01-15)",
    )


def test_gaps_in_the_chain_are_said() -> None:
    """An unknown requirement, one without risk or test, and a signal without any are all told."""
    gaps = chain_lines(signal(requirements=("REQ-99", "REQ-404"), risks=("RISK-8",)), CHAIN)

    assert gaps == (
        "REQ-99 (version 1, no issue in the tracker): The case shall be blue.",
        "REQ-99 -> no risk item",
        "REQ-99 -> no test",
        "REQ-404: not in the requirement register",
        "Also informs RISK-8: not in risk file RF-1 version 7",
    )
    assert chain_lines(signal(requirements=(), risks=()), CHAIN)[0].startswith("No requirement found")


def test_the_ticket_is_linked_labelled_and_keyed() -> None:
    """Project, type, labels, requirement issue and page come from plan, register and signal."""
    plan = plan_ticket(signal(), PLAN, CHAIN, EVIDENCE)

    assert plan.labels == ("pms", f"pms-{plan.dedupe_key}", "infuso")
    assert plan.requirement_issues == ("REQ-4",)
    assert (plan.project, plan.issue_type, plan.link_type, plan.priority) == ("PMS", "Bug", "Relates", "High")
    assert plan.text.link_back == EVIDENCE.page


def test_the_identity_depends_on_fingerprint_and_epoch_only() -> None:
    """Other numbers, another title or another priority are the same ticket; a recurrence is another one."""
    other = signal(title="Other words", opened_by=detection(observed=99.0))

    assert dedupe_key(other) == dedupe_key(signal())
    assert dedupe_key(signal(epoch=2)) != dedupe_key(signal())
    assert len(dedupe_key(signal())) == 32


def test_the_same_arguments_give_the_same_ticket() -> None:
    """A retry plans the same bytes."""
    assert plan_ticket(signal(), PLAN, CHAIN, EVIDENCE) == plan_ticket(signal(), PLAN, CHAIN, EVIDENCE)


@pytest.mark.parametrize("length", [1, 200, 255, 256, 4000])
def test_a_summary_is_one_line_of_at_most_255_characters(length: int) -> None:
    """Whatever the title; the numbers at its end stay."""
    line = summary(signal(title="ab\n" * length))

    assert len(line) <= SUMMARY_LIMIT
    assert "\n" not in line
    assert line.endswith(": 12 reports observed, 4.08 expected, limit 9.5 (2026-03)")


def test_shortening_cuts_between_words_and_shows_it() -> None:
    """A word is not cut unless it alone is too long; what fits stays as it is."""
    assert shorten("alarm came late", 15) == "alarm came late"
    assert shorten("alarm came late", 14) == "alarm came…"
    assert shorten("alarm came late", 11) == "alarm came…"
    assert shorten("alarmcamelate", 6) == "alarm…"


def test_a_comment_tells_the_later_number() -> None:
    """A comment has the identity it was given, and says when nothing could be evaluated."""
    told = plan_comment(signal(), detection(observed=14.0, alarm=False), "2026-04")
    silent = plan_comment(signal(), detection(observed=None, evaluated=False), "2026-05")

    assert told.lines[:2] == ("2026-03: 14 reports observed, 4.08 expected, limit 9.5.", "Alarm: no.")
    assert silent.lines[:2] == ("2026-03: not given observed, 4.08 expected, limit 9.5.", "Not evaluated.")
    assert (told.event, told.dedupe_key) == ("2026-04", dedupe_key(signal()))


def test_data_without_a_label_are_refused() -> None:
    """Nobody can file without saying how far the data may be trusted; several labels are all shown."""
    with pytest.raises(ConfigurationError, match="real, reconstructed or simulated"):
        plan_ticket(signal(), PLAN, CHAIN, Evidence(labels=frozenset(), page=EVIDENCE.page))
    mixed = Evidence(labels=frozenset({Label.REAL, Label.SIMULATED}), page=EVIDENCE.page)

    assert dict(plan_ticket(signal(), PLAN, CHAIN, mixed).text.table)["Data"] == "real, simulated"


def test_an_indicator_of_another_plan_version_is_refused() -> None:
    """The plan must be the one the signal was opened with."""
    with pytest.raises(ConfigurationError, match="'battery'"):
        plan_ticket(signal(indicator_id="battery"), PLAN, CHAIN, EVIDENCE)


@pytest.mark.requirement("G4")
def test_an_honest_ticket_passes_the_gate() -> None:
    """Hashes full of digits, an Airflow run id, model numbers and UDI-DIs are not taken for persons."""
    words = product_words(PLAN, CHAIN)
    by_model = signal(subgroup="model=PX-4400200199", title="Occlusion alarms that came late (model=PX-4400200199)")

    assert ticket_leaks(plan_ticket(signal(), PLAN, CHAIN, EVIDENCE), words) == ()
    assert ticket_leaks(plan_ticket(by_model, PLAN, CHAIN, EVIDENCE), words) == ()
    assert ticket_leaks(plan_ticket(by_model, PLAN, CHAIN, EVIDENCE)) != ()  # without the plan's words it would not


def test_units_with_powers_of_ten_are_figures() -> None:
    """A rate per 100,000 passes the gate."""
    rated = signal(opened_by=detection(unit="alarms per 100000 device-days", observed=1.25))
    plan = plan_ticket(rated, replace(PLAN), CHAIN, EVIDENCE)

    assert ticket_leaks(plan, product_words(PLAN, CHAIN)) == ()
