"""Shewhart charts: phase I, Laney's spread, shares, and what is refused."""

import numpy as np
import pytest

from include.postmarket.detection.shapes import Counts, MethodInputError
from include.postmarket.detection.shewhart import ShewhartParams, detect, required_history


def test_phase_one_is_not_evaluated() -> None:
    """Thirty periods set the centre; a stated rate needs none."""
    chart = detect(Counts(counts=np.full((1, 35), 4.0)), ShewhartParams())

    assert required_history(ShewhartParams()) == 30 == int(np.argmax(chart.evaluated[0]))
    assert required_history(ShewhartParams(rate=2.0)) == 0


def test_laney_widens_for_overdispersion() -> None:
    """Counts that vary three times as much as Poisson's get wider limits than u, Poisson counts about the same."""
    rng = np.random.default_rng(2)
    wild = rng.negative_binomial(10.0, 0.1, (1, 300)).astype(float)
    tame = rng.poisson(90.0, (1, 300)).astype(float)
    for counts, widening in ((wild, 3.16), (tame, 1.0)):
        plain, laney = (
            detect(Counts(counts=counts), ShewhartParams(variant=variant, baseline=250)) for variant in ("u", "u-laney")
        )
        ratio = (laney.limit - laney.expected)[0, -1] / (plain.limit - plain.expected)[0, -1]

        assert ratio == pytest.approx(widening, rel=0.2)


def test_share_limit() -> None:
    """P chart: 10 % of 400 has sigma 6, so 58 is the limit."""
    data = Counts(counts=np.array([[58.0, 59.0]]), exposure=np.array([[400.0, 400.0]]))
    chart = detect(data, ShewhartParams(variant="p", rate=0.1))

    assert chart.limit[0, 0] == pytest.approx(58.0)
    assert chart.alarm[0, 1]


def test_more_events_than_inspected_are_refused() -> None:
    """A share above one is a wrong denominator."""
    with pytest.raises(MethodInputError, match="inspected"):
        detect(Counts(counts=np.array([[5.0]]), exposure=np.array([[4.0]])), ShewhartParams(variant="p", rate=0.1))


@pytest.mark.parametrize(
    "bad", [{"variant": "x"}, {"width": 0.0}, {"variant": "u-laney", "rate": 1.0}, {"variant": "p", "rate": 1.0}]
)
def test_unusable_parameters_are_refused(bad: dict[str, object]) -> None:
    """An unknown chart, no width, or a spread without phase I is refused."""
    with pytest.raises(MethodInputError, match="shewhart"):
        ShewhartParams(**bad)  # type: ignore[arg-type]
