"""The power of an indicator of proportions: the least number of reports at which each pair alarms, and what follows."""

from collections.abc import Iterator

import numpy as np

from include.postmarket.detection import catalogue, power
from include.postmarket.detection.contingency import count_reports
from include.postmarket.detection.futures import draw
from include.postmarket.detection.pair_power import WINDOW, Alarms, WindowParams, due, least_alarming, pair_world
from include.postmarket.detection.power import WITHIN, Detector
from include.postmarket.detection.shapes import BoolArray, FloatArray, IntArray, Pairs, Reason
from include.postmarket.model.power import IndicatorPower, SeriesPower
from include.postmarket.series.pairs import PairRows, pair
from include.postmarket.series.scope import observed
from include.postmarket.steps.evaluation import Point, history, method_parameters, observed_run, plain
from include.postmarket.steps.power_counts import YEAR, answer, rises_of, seed_of

#: Pairs looked at, those with the most reports first: each takes a dozen runs of the method.
MOST_PAIRS = 30
NOTHING_DUE = "nothing is due: the rest of the table has no report of its product or of its event"
NEVER = "no number of its reports alarms while the rest of the table stays as it is"


def power_of_pairs(point: Point) -> IndicatorPower:
    """Give the power of our pairs over the latest observed periods; their alarms add up to the indicator's."""
    spans = history(point)
    covered = observed(spans, point.rows.coverage)
    if not covered[-1]:
        return answer(point, reason=Reason.NOT_OBSERVED.value)
    chosen = observed_run(point, covered, spans)
    rows = pair(point.rows, point.indicator, chosen)
    if not rows.ours.any():
        return answer(point, reason="no report of the products in scope")
    counted = count_reports(rows.report, rows.product, rows.event)
    ours = np.flatnonzero(rows.ours[counted.product])
    ours = ours[np.argsort(-counted.n[ours], kind="stable")][:MOST_PAIRS]
    least = np.maximum(least_alarming(counted, ours, _alarms(point)), max(point.indicator.minimum_events, 1))
    told = tuple(_told(point, rows, counted, (ours, least, len(chosen))))
    rates = [(s.false_alarms, s.error or 0.0) for s in told if s.false_alarms is not None]
    if not rates:
        return answer(point, told)
    return answer(point, told, (sum(r for r, _ in rates), float(np.sqrt(sum(e * e for _, e in rates)))))


def _alarms(point: Point) -> Alarms:
    method, params = catalogue.over_pairs(point.indicator.method.name), method_parameters(point.indicator)

    def alarms(pairs: Pairs) -> BoolArray:
        return method.detect(pairs, params).alarm

    return alarms


def _told(
    point: Point, rows: PairRows, counted: Pairs, found: tuple[IntArray, FloatArray, int]
) -> Iterator[SeriesPower]:
    """Give the power of each pair; pairs with the same least number are simulated together."""
    ours, least, window = found
    expected = due(counted)[ours]
    made: dict[int, SeriesPower] = {}
    for number in np.unique(least[np.isfinite(least)]):
        members = np.flatnonzero(least == number)
        detector = Detector(method=WINDOW, params=WindowParams(window=window, least=float(number)))
        year = YEAR[point.plan.cadence]
        world = pair_world(expected[members], window, max(year, *WITHIN))
        futures = draw(world, detector.replicates, max(WITHIN), seed_of(point))
        said = power.unchanged(detector, futures)
        alarms, rises = power.false_alarms(said, year), power.smallest_rises(detector, futures, said)
        for at, k in enumerate(members.tolist()):
            made[k] = SeriesPower(
                subgroup=_name(point, rows, counted, int(ours[k])),
                expected=plain(expected[k]),
                dispersion=1.0,
                false_alarms=plain(alarms.rate[at]),
                error=plain(alarms.error[at]),
                in_alarm=plain(alarms.share[at]),
                rises=rises_of(rises.ratio[at], rises.error[at]),
            )
    for k, pair_number in enumerate(ours.tolist()):
        why = NOTHING_DUE if np.isnan(least[k]) else NEVER
        yield made.get(k) or SeriesPower(subgroup=_name(point, rows, counted, pair_number), reason=why)


def _name(point: Point, rows: PairRows, counted: Pairs, k: int) -> str:
    product, event = rows.products[int(counted.product[k])], rows.events[int(counted.event[k])]
    return f"{point.indicator.product_by}={product}; {point.indicator.event_by}={event}"
