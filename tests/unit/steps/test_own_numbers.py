"""The numbers a method for pairs decides by."""

import numpy as np
import pytest

from include.postmarket.detection.catalogue import over_pairs
from include.postmarket.steps.own_numbers import own_numbers
from tests.unit.detection import planted

NAMES = {
    "screen": {"relative_rate", "false_probability", "expected_unmasked", "expected_false_signals"},
    "information_component": {"ic", "ic_lower"},
    "gps": {"ebgm", "eb05"},
    "prr_ror": set(),
}


@pytest.mark.parametrize("name", NAMES)
def test_every_pair_has_the_numbers_of_its_method(name: str) -> None:
    """One number a pair under each name, none of them missing where the pair was evaluated."""
    method = over_pairs(name)
    said = method.detect(planted.draw(1, products=30, events=60, reports=5_000).pairs, method.parameters())
    found = own_numbers(said)

    assert NAMES[name] == set(found)
    assert all(np.isfinite(values[said.evaluated]).all() for values in found.values())
    assert all(values.shape == said.alarm.shape for values in found.values())


def test_false_signals_add_up_to_those_expected() -> None:
    """The false probabilities of the alarms sum to the expected false signals that every pair shows."""
    method = over_pairs("screen")
    said = method.detect(planted.draw(1, products=30, events=60, reports=5_000).pairs, method.parameters())
    found = own_numbers(said)

    assert said.alarm.any()
    assert found["expected_false_signals"] == pytest.approx(found["false_probability"][said.alarm].sum())
