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

    Only counts add up: never true for measurements of performance, nor when a number is missing or units differ.
    """
    if not parts or indicator.source is Source.PERFORMANCE or whole.observed is None or whole.limit is None:
        return False
    total = extra = 0.0
    for part in parts:
        if part.observed is None or part.expected is None or part.unit != whole.unit:
            return False
        total += part.observed
        extra += part.observed - part.expected
    return total <= whole.observed and whole.observed - extra <= whole.limit
