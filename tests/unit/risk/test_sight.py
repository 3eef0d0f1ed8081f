"""What has to be seen of a risk: the next rate at which the matrix says something else."""

import pytest

from include.postmarket.model.risk import Acceptability
from include.postmarket.risk.sight import needed_rise, next_change
from tests.unit.risk.worlds import MATRIX, item


def test_the_next_band_that_says_something_else_counts() -> None:
    """P = 5e-6 of severity 4 is to be investigated; from 1e-5 on it is unacceptable: P1 = 1e-5 / 0.1."""
    change = next_change(item(), MATRIX)

    assert change is not None
    assert change.rate == pytest.approx(1e-4)
    assert change.acceptability is Acceptability.UNACCEPTABLE


def test_bands_that_say_the_same_are_passed_over() -> None:
    """A negligible harm stays acceptable over three bands, and is investigated only in the highest."""
    change = next_change(item(severity=1, p1=1e-7, p2=1.0), MATRIX)

    assert change is not None
    assert change.rate == pytest.approx(1e-3)
    assert change.acceptability is Acceptability.INVESTIGATE


def test_where_nothing_changes_there_is_nothing_to_see() -> None:
    """A risk that is unacceptable already can only stay so."""
    assert next_change(item(severity=5, p1=1e-2), MATRIX) is None


def test_the_rise_of_an_indicator_of_this_risk_alone_is_that_of_p1() -> None:
    """At the assumed rate: 5e-5 becomes 1e-4, twice as many events."""
    change = next_change(item(), MATRIX)

    assert change is not None
    assert needed_rise(item(), change, 5e-5) == pytest.approx(2.0)


def test_a_broad_indicator_has_to_see_a_smaller_rise() -> None:
    """Ten times as many events are counted: those of the risk double, and the indicator rises by a tenth."""
    change = next_change(item(), MATRIX)

    assert change is not None
    assert needed_rise(item(), change, 5e-4) == pytest.approx(1.1)
