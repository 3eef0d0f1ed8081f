"""The power of methods for pairs: the least alarming number through the method, the rest by simulation."""

import numpy as np
import pytest
from scipy import stats

from include.postmarket.detection import catalogue, power, prr_ror
from include.postmarket.detection.contingency import count_reports
from include.postmarket.detection.futures import RATIOS, draw
from include.postmarket.detection.pair_power import WINDOW, WindowParams, due, least_alarming, pair_world
from include.postmarket.detection.power import Detector
from include.postmarket.detection.shapes import BoolArray, Pairs


def table(products: int = 40, events: int = 6) -> Pairs:
    """Give products by events with about 10 reports each, drawn without any relation."""
    generator = np.random.default_rng(3)
    n = generator.poisson(10.0, size=(products, events))
    product, event = (np.repeat(axis.ravel(), n.ravel()) for axis in np.indices(n.shape))
    return count_reports(np.arange(len(product)), product, event)


def evans(pairs: Pairs) -> BoolArray:
    """Give the alarms of Evans' rule."""
    return prr_ror.detect(pairs, prr_ror.RatioParameters()).alarm


def test_the_least_number_is_the_first_that_alarms() -> None:
    """By Evans' rule counted by hand for one cell: at the least number it alarms, at one less it does not."""
    pairs = table()
    chosen = np.arange(len(pairs.n))[:30]

    least = least_alarming(pairs, chosen, evans)

    for k, number in zip(chosen, least, strict=True):
        b, c = pairs.product_total[k] - pairs.n[k], pairs.event_total[k] - pairs.n[k]
        d = pairs.total - pairs.product_total[k] - c
        said = []
        for a in (number - 1, number):
            prr = (a / (a + b)) / (c / (c + d))
            n = a + b + c + d
            chi = n * max(abs(a * d - b * c) - n / 2, 0) ** 2 / ((a + b) * (c + d) * (a + c) * (b + d))
            said.append(a >= 3 and prr >= 2 and chi >= 4)
        assert said == [False, True]


def test_what_is_due_leaves_the_pair_itself_out() -> None:
    """A pair that stands out is not its own background: ten times its reports leave what is due as it was."""
    reports = np.arange(90)
    product = np.repeat([0, 0, 1, 1], [50, 10, 10, 20])
    event = np.repeat([0, 1, 0, 1], [50, 10, 10, 20])

    assert due(count_reports(reports, product, event))[0] == pytest.approx(10 * 10 / 20)


@pytest.mark.parametrize("name", ["information_component", "lrt", "prr_ror"])
def test_methods_for_pairs_have_a_least_number(name: str) -> None:
    """Each that judges a pair by itself alarms at some number above what is due."""
    pairs = table(15, 3)
    method = catalogue.over_pairs(name)
    params = method.parameters(draws=200) if name == "lrt" else method.parameters()

    (least,) = least_alarming(pairs, np.array([0]), lambda changed: method.detect(changed, params).alarm)

    assert due(pairs)[0] < least < 20 * due(pairs)[0] + 10


def test_a_method_that_needs_company_never_alarms_for_one_pair() -> None:
    """`screen` fits how many pairs stand out: in a table where only one does, no number of its reports is enough."""
    method = catalogue.over_pairs("screen")

    (least,) = least_alarming(table(), np.array([0]), lambda changed: method.detect(changed, method.parameters()).alarm)

    assert np.isinf(least)


def test_a_window_sees_what_its_poisson_sum_says() -> None:
    """Within the first whole window after the rise: 13 months with a window of 12 and a limit of 30 on 12 due.

    The 12th future month holds only reports after the rise: the sum is Poisson with 12 r, and looking earlier and once
    more can only add. One-sided bound against the exact tail.
    """
    made = Detector(method=WINDOW, params=WindowParams(window=12, least=30))
    futures = draw(pair_world(np.array([12.0]), 12, 13), 3000, 13, seed=5)
    found = power.unchanged(made, futures)
    ratio = power.smallest_rises(made, futures, found).ratio[0]
    step = 12
    chance = power.chance_seen(made, futures, found, step)[0, 2]
    exact = float(stats.poisson.sf(29, 12 * RATIOS[step]))

    assert exact - 4 * np.sqrt(exact * (1 - exact) / 3000) <= chance
    assert chance <= exact + 0.12
    assert ratio[0] > ratio[1] > ratio[2]


def test_false_alarms_of_a_window_follow_its_sum() -> None:
    """The share of months in alarm is the tail of the sum of the window, whatever the windows share."""
    made = Detector(method=WINDOW, params=WindowParams(window=12, least=20))
    futures = draw(pair_world(np.array([12.0]), 12, 13), 4000, 13, seed=5)

    alarms = power.false_alarms(power.unchanged(made, futures), 12)

    assert alarms.share[0] == pytest.approx(stats.poisson.sf(19, 12.0), abs=0.006)
    assert 0 < alarms.rate[0] < 12 * alarms.share[0]
