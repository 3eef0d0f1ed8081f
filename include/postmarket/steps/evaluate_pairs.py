"""Evaluate an indicator of proportions: which of our products are reported with an event more often than the others."""

from collections.abc import Sequence

import numpy as np

from include.postmarket.detection import catalogue, pair_limit, prr_ror
from include.postmarket.detection.contingency import count_reports
from include.postmarket.detection.entries import PairResult
from include.postmarket.detection.shapes import Reason
from include.postmarket.model.signal import Detection
from include.postmarket.series.pairs import PairRows, pair
from include.postmarket.series.scope import observed
from include.postmarket.steps.evaluation import (
    Answer,
    Point,
    detection,
    history,
    method_parameters,
    observed_run,
    plain,
)
from include.postmarket.steps.own_numbers import own_numbers


def evaluate(point: Point) -> Sequence[Detection]:
    """Give one detection for each pair of one of our products with an event, over the latest observed periods.

    Where the rows hold none of our products, one detection says so: nothing to evaluate is not the same as quiet.
    """
    spans = history(point)
    covered = observed(spans, point.rows.coverage)
    if not covered[-1]:
        return [_nothing(point, Reason.NOT_OBSERVED.value)]
    chosen = observed_run(point, covered, spans)
    rows = pair(point.rows, point.indicator, chosen)
    if not rows.ours.any():
        return [_nothing(point, "no report of the products in scope")]
    counted = count_reports(rows.report, rows.product, rows.event)
    ratios = prr_ror.detect(counted, prr_ror.RatioParameters())  # shown beside whatever method decides
    params = method_parameters(point.indicator)
    said = catalogue.over_pairs(point.indicator.method.name).detect(counted, params)
    shown = {
        "prr": ratios.prr.estimate,
        "prr_lower": ratios.prr.lower,
        "ror": ratios.ror.estimate,
        "ror_lower": ratios.ror.lower,
        "chi_square_yates": ratios.chi_square_yates,
    } | own_numbers(said)
    own = np.flatnonzero(rows.ours[counted.product])
    limits = pair_limit.limit(said, params, own)
    return [
        detection(
            point, _answer(point, rows, said, {name: float(values[k]) for name, values in shown.items()}, (k, at))
        )
        for k, at in zip(own.tolist(), limits.tolist(), strict=True)
    ]


def _nothing(point: Point, reason: str) -> Detection:
    answer = Answer(subgroup="", unit="reports", evaluated=False, reason=reason, observed=None, details={})
    return detection(point, answer)


def _answer(point: Point, rows: PairRows, said: PairResult, shown: dict[str, float], at: tuple[int, float]) -> Answer:
    pairs, (k, limit) = said.pairs, at
    product, event = int(pairs.product[k]), int(pairs.event[k])
    evaluated = bool(said.evaluated[k])
    n = float(pairs.n[k])
    needed = point.indicator.minimum_events
    return Answer(
        subgroup=f"{point.indicator.product_by}={rows.products[product]}; "
        f"{point.indicator.event_by}={rows.events[event]}",
        unit="reports",
        evaluated=evaluated,
        reason="" if evaluated else str(said.reason[k]),
        observed=n,
        expected=plain(pairs.expected[k]) if evaluated else None,
        limit=plain(max(limit, needed - 1.0)) if evaluated and not np.isnan(limit) else None,
        statistic=plain(shown["prr"]) if evaluated else None,
        alarm=evaluated and bool(said.alarm[k]) and n >= needed,
        record_ids=rows.ids(product, event),
        details={
            "periods": f"{rows.periods[0]} to {rows.periods[-1]}",
            "reports_in_comparison": f"{pairs.total:g}",
            "counting": pairs.counting.value,
            **{name: f"{value:.4g}" for name, value in shown.items()},
        },
    )
