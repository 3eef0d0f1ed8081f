"""Stored JSON back to dataclasses: exactly what was written, or an error."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.postmarket.model.batch import Outcome
from include.postmarket.model.canonical import canonical_json, digest
from include.postmarket.model.errors import IntegrityError
from include.postmarket.model.period import Cadence, Period
from include.postmarket.model.plan import Method
from include.postmarket.model.requirement import Requirement
from include.postmarket.model.risk import RiskFile, RiskUpdate
from include.postmarket.model.signal import Detection, Signal
from include.postmarket.model.ticket import CommentPlan, TicketPlan
from include.postmarket.records.codec import decode
from tests.unit.records import samples

WHOLE = {
    Outcome: samples.outcome(),
    Detection: samples.detection(),
    Signal: samples.signal(),
    TicketPlan: samples.ticket_plan(),
    CommentPlan: samples.comment_plan(),
    RiskFile: samples.risk_file(),
    RiskUpdate: samples.risk_update(),
    Requirement: samples.requirement(),
    Period: Period(datetime(2026, 3, 2, tzinfo=UTC).date(), Cadence.WEEK),
    Method: Method(name="cusum", parameters={"h": 4, "k": 4.0, "side": "upper", "tiny": 5e-324}),
}


def stored(value: object) -> Any:
    """Give what a JSON column gives back for a value."""
    return json.loads(canonical_json(value))


@pytest.mark.parametrize("kind", WHOLE, ids=lambda kind: kind.__name__)
def test_what_is_read_is_what_was_written(kind: type) -> None:
    """Every kind the records hold comes back equal; the digest tells 1 from 1.0 and 0.0 from -0.0."""
    actual: object = decode(kind, stored(WHOLE[kind]))

    assert WHOLE[kind] == actual
    assert digest(WHOLE[kind]) == digest(actual)


@given(number=st.floats(allow_nan=False, allow_infinity=False), text=st.text(st.characters(exclude_categories=["Cs"])))
def test_every_number_and_text_survives(number: float, text: str) -> None:
    """Any finite float and any text, control characters included, come back to the last bit."""
    method = Method(name=text, parameters={text: number})

    assert repr(method) == repr(decode(Method, stored(method)))


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda d: d.pop("alarm"), "Detection"),
        (lambda d: d.update(surprise=1), "unknown fields surprise"),
        (lambda d: d.update(alarm="true"), "Detection.alarm"),
        (lambda d: d.update(alarm=1), "Detection.alarm"),
        (lambda d: d.update(observed=True), "Detection.observed"),
        (lambda d: d.update(observed="12"), "Detection.observed"),
        (lambda d: d.update(record_ids="C-1"), "Detection.record_ids"),
        (lambda d: d.update(record_ids=[1]), r"Detection.record_ids\[0\]"),
        (lambda d: d.update(details=[]), "Detection.details"),
        (lambda d: d["period"].update(start="March"), "Detection.period.start"),
        (lambda d: d["period"].update(cadence="year"), "Detection.period.cadence"),
        (lambda d: d.update(unit=None), "Detection.unit"),
    ],
)
def test_a_record_that_does_not_fit_is_refused_by_name(change: Any, where: str) -> None:
    """A missing, unknown or mistyped field raises, names the place and never becomes a default."""
    value = stored(samples.detection())
    change(value)

    with pytest.raises(IntegrityError, match=where):
        decode(Detection, value)


def test_rows_that_do_not_add_up_are_refused_when_read() -> None:
    """The model's own rule (G1) holds for stored outcomes too: a tampered count is not read."""
    value = stored(samples.outcome())
    value["accepted"] += 1

    with pytest.raises(IntegrityError, match="does not make a Outcome"):
        decode(Outcome, value)


def test_the_wrong_number_of_items_is_refused() -> None:
    """A pair of a ticket's table that has three items does not fit."""
    value = stored(samples.ticket_plan())
    value["text"]["table"] = [["a", "b", "c"]]

    with pytest.raises(IntegrityError, match=r"TicketPlan.text.table\[0\]"):
        decode(TicketPlan, value)


def test_a_field_added_later_takes_its_default() -> None:
    """A record of an earlier release, without a field that has a default since, can be read."""
    value = stored(samples.requirement())
    del value["issue"]

    assert decode(Requirement, value).issue == ""


def test_an_error_does_not_quote_the_value() -> None:
    """What is stored may be confidential: the message holds the place and the type, not the value."""
    value = stored(samples.detection())
    value["observed"] = "Mrs Miller"

    with pytest.raises(IntegrityError) as caught:
        decode(Detection, value)

    assert "Miller" not in str(caught.value)


def test_a_kind_that_records_cannot_hold_is_a_programming_error() -> None:
    """A dataclass with a field of another type fails loudly when it is first read, not with a wrong value."""

    @dataclass(frozen=True)
    class Odd:
        raw: bytes

    with pytest.raises((TypeError, NameError)):
        decode(Odd, {"raw": "x"})
