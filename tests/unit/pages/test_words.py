"""Values as people read them."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from include.postmarket.detection import catalogue
from include.postmarket.model.batch import Source
from include.postmarket.model.period import Cadence, Period
from include.postmarket.pages import words
from include.postmarket.pages.words import KEPT_INSIDE, NOT_GIVEN
from tests.unit.records import samples


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (12.0, "12"),
        (1234567, "1,234,567"),
        (12.3456, "12.35"),
        (1234.5, "1,234"),
        (0.00123, "0.00123"),
        (1.7e-4, "1.7 × 10⁻⁴"),
        (2e-10, "2 × 10⁻¹⁰"),
        (-3.5, "-3.5"),
        (1e22, "1.000e+22"),
        (None, NOT_GIVEN),
        (float("nan"), NOT_GIVEN),
        (float("inf"), NOT_GIVEN),
    ],
)
def test_number(value: float | None, shown: str) -> None:
    """Four significant digits, thousands with commas, small ones as powers of ten; what is missing is said."""
    assert shown == words.number(value)


def test_shares_read_as_per_cent() -> None:
    """A share of devices is shown in per cent wherever it stands."""
    assert words.amount(0.126, words.SHARE) == "12.6 % of devices"
    assert words.figure(0.04998, words.SHARE) == "5 %"
    assert words.amount(3.0, "reports") == "3 reports"
    assert words.amount(None, "reports") == NOT_GIVEN


def test_chance_has_a_smallest() -> None:
    """What underflowed is not shown as impossible."""
    assert words.chance(0.0) == "below 10⁻³⁰⁰"
    assert words.chance(0.00021) == "2.1 × 10⁻⁴"
    assert words.chance(None) == NOT_GIVEN


def test_moments_are_utc() -> None:
    """A moment of another zone is told in UTC, with the exact one for machines."""
    at = datetime(2026, 4, 2, 1, 30, tzinfo=timezone(timedelta(hours=2)))

    assert words.moment(at) == '<time datetime="2026-04-01T23:30:00+00:00">2026-04-01 23:30 UTC</time>'
    assert words.moment(at.astimezone(UTC)) == words.moment(at)


def test_periods_have_their_name() -> None:
    """Months by name, weeks by their ISO number."""
    assert words.period(Period(date(2017, 11, 1))) == '<time datetime="2017-11">November 2017</time>'
    assert words.period_name(Period(date(2017, 11, 6), Cadence.WEEK)) == "week 2017-W45"


@pytest.mark.parametrize(
    ("subgroup", "source", "shown"),
    [
        ("", Source.COMPLAINTS, "all"),
        ("software_version=3.2", Source.COMPLAINTS, "software version 3.2"),
        ("manufacturer=A=B; C", Source.REPORTS, "manufacturer A=B; C"),
        ("manufacturer=A; event_type=Death", Source.REPORTS, "manufacturer A, event type Death"),
        ("serial=SN1", Source.COMPLAINTS, f"serial {KEPT_INSIDE}"),
        ("lot=L1; event_type=Death", Source.REPORTS, f"lot {KEPT_INSIDE}, event type Death"),
        ("lot=L1", Source.COMPLAINTS, "lot L1"),
        ("lot=L1", None, f"lot {KEPT_INSIDE}"),
        ("device=D1", Source.PERFORMANCE, f"device {KEPT_INSIDE}"),
    ],
)
def test_group_withholds_what_stays_inside(subgroup: str, source: Source | None, shown: str) -> None:
    """Columns of the source's `inside` are withheld; of an unknown source those of every table (G4)."""
    assert shown == words.group(subgroup, source)


def test_conceal_leaves_other_texts_alone() -> None:
    """Only a text that repeats a value from inside is changed."""
    assert words.conceal("Subgroup serial=SN1 only.", "serial=SN1", None) == f"Subgroup serial {KEPT_INSIDE} only."
    assert words.conceal("Subgroup model=A only.", "model=A", None) == "Subgroup model=A only."
    assert words.conceal("text", "", None) == "text"


def test_heading_has_no_subgroup() -> None:
    """The subgroup, which may have to be withheld, is cut from the title that repeats it."""
    assert words.heading("Battery (serial=SN1)", "serial=SN1") == "Battery"
    assert words.heading("Battery (all)", "") == "Battery (all)"


def test_sentence_of_a_point_that_was_not_evaluated() -> None:
    """Not evaluated is said with its reason, never as quiet (G7)."""
    assert words.sentence(samples.detection(observed=None)) == "March 2026 could not be evaluated: no exposure."


def test_every_method_of_the_catalogue_is_explained() -> None:
    """A method that plans may name is told in plain words; one without them would show as a bare name."""
    assert dict.fromkeys(catalogue.parameters(), True) == {
        name: words.method(name) != words.words(name) for name in catalogue.parameters()
    }
