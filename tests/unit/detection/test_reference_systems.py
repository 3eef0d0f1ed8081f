"""RKI, Bayes and the standardised CUSUM: history, gaps, and what they refuse."""

import numpy as np
import pytest

from include.postmarket.detection import bayes, cusum_standardised, rki
from include.postmarket.detection.shapes import Counts, MethodInputError, Reason


@pytest.mark.parametrize(("system", "needed"), [(1, 6), (2, 58), (3, 108)])
def test_first_evaluated_period(system: int, needed: int) -> None:
    """System 1 needs 6 periods, 2 a year and 6, 3 two years and 4; the period before says it is too short."""
    data = Counts(counts=np.full((1, 120), 3.0))
    for chart, history in (
        (rki.detect(data, rki.RkiParams(system=system)), rki.required_history(rki.RkiParams(system=system))),
        (
            bayes.detect(data, bayes.BayesParams(system=system)),
            bayes.required_history(bayes.BayesParams(system=system)),
        ),
    ):
        assert history == needed == int(np.argmax(chart.evaluated[0]))
        assert chart.reason[0, needed - 1] == Reason.SHORT_HISTORY.value


def test_gap_in_the_reference_values() -> None:
    """A period not observed spoils the six after it, and nothing else."""
    counts = np.full((1, 20), 3.0)
    counts[0, 8] = np.nan
    chart = rki.detect(Counts(counts=counts), rki.RkiParams(system=1))

    assert set(chart.reason[0, 9:15].tolist()) == {Reason.GAP_IN_HISTORY.value}
    assert chart.evaluated[0, 15:].all()


def test_bayes_p_value_and_alarm_agree() -> None:
    """Alarm is the same as a predictive tail of at most alpha."""
    counts = np.random.default_rng(7).poisson(2.0, (5, 100)).astype(float)
    chart = bayes.detect(Counts(counts=counts), bayes.BayesParams(system=1))

    assert np.array_equal(chart.alarm[chart.evaluated], chart.p_value[chart.evaluated] <= 0.05)


def test_cusum_forgets_nothing_between_alarms() -> None:
    """A lasting excess of one standard deviation above k alarms at last and stays in alarm."""
    params = cusum_standardised.CusumStandardisedParams(rate=4.0, k=0.5, h=3.0)
    chart = cusum_standardised.detect(Counts(counts=np.full((1, 12), 7.0)), params)

    assert chart.alarm[0].tolist() == [False, False] + [True] * 10
    assert cusum_standardised.required_history(params) == 0


def test_unusable_parameters_are_refused() -> None:
    """Unknown systems and transformations are refused."""
    for wrong in (
        lambda: rki.RkiParams(system=4),
        lambda: bayes.BayesParams(alpha=0.0),
        lambda: cusum_standardised.CusumStandardisedParams(transformation="x"),
        lambda: cusum_standardised.CusumStandardisedParams(k=0.0),
    ):
        with pytest.raises(MethodInputError):
            wrong()
