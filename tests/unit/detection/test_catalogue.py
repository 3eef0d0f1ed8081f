"""The methods by name."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from include.postmarket.detection.catalogue import (
    MEASUREMENTS,
    NARRATIVES,
    OVER_TIME,
    PAIRS,
    SHIFTS,
    over_devices,
    over_groups,
    over_pairs,
    over_time,
    parameters,
)
from include.postmarket.detection.shapes import MethodInputError
from tests.unit.detection import planted


def test_names_are_unique_and_match_their_entries() -> None:
    """A name stands for one method, whatever its shape, and every method has defaults for all parameters but data."""
    tables: tuple[Mapping[str, Any], ...] = (OVER_TIME, PAIRS, MEASUREMENTS, SHIFTS, NARRATIVES)

    assert len(parameters()) == sum(len(table) for table in tables)
    assert all(name == entry.name for table in tables for name, entry in table.items())
    assert all(dataclasses.is_dataclass(kind) for kind in parameters().values())
    assert all(entry.help for table in tables for entry in table.values())


@pytest.mark.parametrize("name", sorted(set(PAIRS) - {"lrt"}))
def test_every_pair_method_answers_in_the_common_shape(name: str) -> None:
    """Alarm, evaluated and reason of every method have one value per pair and agree with each other."""
    pairs = planted.draw(1, products=30, events=60, reports=5_000).pairs
    method = over_pairs(name)
    found = method.detect(pairs, method.parameters())

    assert found.alarm.shape == found.evaluated.shape == found.reason.shape == pairs.n.shape
    assert np.array_equal(found.evaluated, found.reason == "")
    assert not (found.alarm & ~found.evaluated).any()


@pytest.mark.parametrize("name", sorted(MEASUREMENTS))
def test_every_method_for_devices_answers_in_the_common_shape(name: str) -> None:
    """A fleet shifted in one metric alarms by every method, with that metric as driver of most devices."""
    r = np.random.default_rng(1)
    method = over_devices(name)
    found = method.detect(r.normal(size=(100, 2)), r.normal((0.0, 8.0), 1.0, size=(60, 2)), method.parameters())

    assert found.alarm
    assert np.mean(found.driver == 1) > 0.9


@pytest.mark.parametrize("look_up", [over_time, over_pairs, over_devices, over_groups])
def test_unknown_names_are_refused_with_the_known_ones(look_up: object) -> None:
    """A misspelt method names the ones there are."""
    with pytest.raises(MethodInputError, match="use one of"):
        look_up("presto")  # type: ignore[operator]
