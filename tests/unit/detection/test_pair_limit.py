"""The count from which a pair alarms, found without asking for every count."""

from dataclasses import replace

import numpy as np
import pytest

from include.postmarket.detection import prr_ror
from include.postmarket.detection.catalogue import PAIRS
from include.postmarket.detection.contingency import count_table
from include.postmarket.detection.lrt import LrtParameters
from include.postmarket.detection.pair_limit import limit
from include.postmarket.detection.prr_ror import RatioParameters
from include.postmarket.detection.shapes import IntArray, MethodInputError, Pairs
from tests.unit.detection import planted

pytestmark = pytest.mark.filterwarnings("error")


def some(pairs: Pairs) -> IntArray:
    """Give the pairs that are asked for: every seventh, and the largest."""
    return np.unique(np.append(np.arange(0, len(pairs.n), 7), np.argmax(pairs.n)))


@pytest.mark.parametrize("name", sorted(PAIRS))
def test_a_pair_alarms_where_its_count_is_above_its_limit(name: str) -> None:
    """On a table with planted signals the alarms are the counts above the limits, by every method."""
    pairs = planted.draw(1, products=30, events=60, reports=5_000).pairs
    params = LrtParameters(draws=200) if name == "lrt" else PAIRS[name].parameters()
    said = PAIRS[name].detect(pairs, params)
    which = some(pairs)
    found = limit(said, params, which)

    alarms = np.flatnonzero(said.alarm[which])
    assert len(alarms) > 0
    assert ((pairs.n[which] > np.nan_to_num(found, nan=np.inf)) & said.evaluated[which]).tolist() == said.alarm[
        which
    ].tolist()


def test_the_limit_of_the_evans_rule_is_that_of_asking_for_every_count() -> None:
    """Halving finds what trying 1, 2, 3, ... finds."""
    pairs = count_table([0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 1], [3, 40, 20, 50, 9, 70])
    params = RatioParameters()
    expected = []
    for k in range(len(pairs.n)):
        most = int(min(pairs.product_total[k], pairs.event_total[k]))
        tried = [
            bool(prr_ror.detect(replace(pairs, n=np.where(np.arange(6) == k, n, pairs.n)), params).alarm[k])
            for n in range(1, most + 1)
        ]
        expected.append(float(tried.index(True)) if True in tried else None)
    actual = [
        None if np.isnan(value) else value
        for value in limit(prr_ror.detect(pairs, params), params, np.arange(6)).tolist()
    ]

    assert expected == actual


def test_the_screen_has_no_limit_where_it_was_not_fitted() -> None:
    """Too few pairs to fit its model: no number is given."""
    pairs = count_table([0, 0, 1, 1], [0, 1, 0, 1], [3, 4, 5, 6])
    params = PAIRS["screen"].parameters()

    assert np.isnan(limit(PAIRS["screen"].detect(pairs, params), params, np.arange(4))).all()


def test_pairs_without_a_comparison_have_no_limit() -> None:
    """One product: no count of it could ever alarm."""
    pairs = count_table([0, 0], [0, 1], [3, 4])

    assert np.isnan(limit(prr_ror.detect(pairs, RatioParameters()), RatioParameters(), np.arange(2))).all()


def test_no_pairs_no_limits() -> None:
    """Nothing asked for gives nothing."""
    pairs = count_table([0, 1], [0, 1], [3, 4])

    assert limit(prr_ror.detect(pairs, RatioParameters()), RatioParameters(), np.empty(0, dtype=np.int64)).shape == (0,)


def test_an_answer_of_an_unknown_method_is_refused() -> None:
    """A new method for pairs has to say what its limit is."""

    class Stranger:
        pairs = count_table([0, 1], [0, 1], [3, 4])
        alarm = evaluated = np.zeros(2, dtype=np.bool_)
        reason = np.array(["", ""])

    with pytest.raises(MethodInputError, match="Stranger"):
        limit(Stranger(), None, np.arange(2))
