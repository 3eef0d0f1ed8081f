"""The likelihood ratio test of pairs."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.postmarket.detection import lrt
from include.postmarket.detection.contingency import count_reports, count_reports_in_strata, count_table
from include.postmarket.detection.lrt import LrtParameters, detect, log_likelihood_ratio
from include.postmarket.detection.shapes import MethodInputError, Pairs, Reason

QUICK = LrtParameters(draws=500)
TABLES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 50)), min_size=1, max_size=16)


def _null_table(seed: int) -> Pairs:
    r = np.random.default_rng(seed)
    n = r.poisson(np.outer(r.lognormal(1, 1, 5), r.lognormal(0, 1, 8)))
    product, event = np.indices(n.shape)
    return count_table(product.ravel(), event.ravel(), n.ravel())


def test_statistic_by_hand() -> None:
    """N = 20 and E = 5 give 20 log 4 - 15; a pair below its expected count has 0."""
    found = log_likelihood_ratio(np.array([20.0, 4.0, 0.0]), np.array([5.0, 5.0, 0.0]))

    assert found.tolist() == pytest.approx([20 * np.log(4) - 15, 0.0, 0.0])


def test_planted_pair_alarms_and_its_neighbours_do_not() -> None:
    """A pair with three times its reports is the one alarm, with the smallest p-value there is."""
    table = _null_table(1)
    n = table.n.copy()
    n[11] += 60
    found = detect(count_table(table.product, table.event, n), QUICK)

    assert np.flatnonzero(found.alarm).tolist() == [11]
    assert found.p_value[11] == pytest.approx(1 / 501)
    assert found.statistic[11] > found.critical_value


def test_tables_without_signals_alarm_at_the_stated_rate() -> None:
    """At a family-wise level of 10 %, 120 null tables raise at most 23 alarms, the 0.999 quantile of the binomial."""
    alarms = sum(detect(_null_table(s), LrtParameters(draws=200, level=0.1)).alarm.any() for s in range(120))

    assert alarms <= 23


def test_comparators_are_not_tested() -> None:
    """A product named as comparator stays in the margins and out of the alarms."""
    table = _null_table(2)
    found = detect(table, LrtParameters(draws=200, comparators=(4,)))

    spared = table.product == 4
    assert np.array_equal(found.evaluated, ~spared)
    assert set(found.reason[spared].tolist()) == {Reason.COMPARATOR}
    assert np.isnan(found.p_value[spared]).all()


def test_chunks_of_draws_give_the_same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing a few tables at a time is the same stream of random numbers as drawing all at once."""
    whole = detect(_null_table(3), QUICK)
    monkeypatch.setattr(lrt, "_CELLS_AT_A_TIME", 100)
    pieces = detect(_null_table(3), QUICK)

    assert np.array_equal(whole.p_value, pieces.p_value)


@settings(max_examples=40, deadline=None)
@given(TABLES)
def test_any_table_gives_p_values_or_a_reason_and_nothing_warns(rows: list[tuple[int, int, int]]) -> None:
    """P-values of evaluated pairs lie in (0, 1]; numpy stays silent."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = detect(count_table(*np.array(rows).T), LrtParameters(draws=50))

    p_value = found.p_value[found.evaluated]
    assert ((p_value > 0) & (p_value <= 1)).all()
    assert np.array_equal(found.evaluated, found.reason == "")
    assert not (found.alarm & ~found.evaluated).any()


def test_no_reports_give_no_tests() -> None:
    """An empty table passes through."""
    assert len(detect(count_reports([], [], []), QUICK).alarm) == 0


def test_stratified_counts_are_refused() -> None:
    """Null tables are drawn from plain margins, which stratified expected counts do not follow."""
    pairs = count_reports_in_strata([1, 2], [0, 1], [0, 1], [0, 1])
    with pytest.raises(MethodInputError, match="without strata"):
        detect(pairs, QUICK)


@pytest.mark.parametrize("params", [LrtParameters(level=5), LrtParameters(draws=0), LrtParameters(draws=10**9)])
def test_parameters_out_of_range_are_refused(params: LrtParameters) -> None:
    """A level of 5, no draws, or more draws than can be made are refused."""
    with pytest.raises(MethodInputError):
        detect(_null_table(4), params)
