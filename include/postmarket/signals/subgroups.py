"""The series of all and its subgroups in one period: whether a problem is general or some subgroups explain it.

Subgroups are the values of one column, so a record counts in at most one of them and their counts add up to the total
at most. ``observed``, ``expected`` and ``limit`` are on the scale of the counts (`detection.shapes.Chart`).
"""

from include.postmarket.model.batch import Source
from include.postmarket.model.plan import Indicator
from include.postmarket.model.signal import Detection


def is_general(detections: list[Detection], parts: list[Detection]) -> bool:
    """Say whether more than half of the evaluated subgroups, and at least two, alarm (``parts``)."""
    evaluated = {d.subgroup for d in detections if d.subgroup and d.evaluated}
    alarming = {part.subgroup for part in parts}
    return len(alarming) >= 2 and 2 * len(alarming) > len(evaluated)


def explains(indicator: Indicator, whole: Detection, parts: tuple[Detection, ...]) -> bool:
    """Say whether the total would be within its limit had the subgroups ``parts`` had what they expected.

    Shares of devices add up as devices: each times those that were measured, its exposure. Never true when a number is
    missing or units differ.
    """
    shares = indicator.source is Source.PERFORMANCE
    limit = _counted(whole, whole.limit, shares)
    observed = _counted(whole, whole.observed, shares)
    if not parts or observed is None or limit is None or any(part.unit != whole.unit for part in parts):
        return False
    total = extra = 0.0
    for part in parts:
        seen, due = _counted(part, part.observed, shares), _counted(part, part.expected, shares)
        if seen is None or due is None:
            return False
        total += seen
        extra += seen - due
    return (shares or total <= observed) and observed - extra <= limit


def _counted(detection: Detection, number: float | None, shares: bool) -> float | None:
    """Give a number as a count: of devices, where it is a share of those that were measured."""
    if number is None or not shares:
        return number
    return None if detection.exposure is None else number * detection.exposure
