"""Control of false discoveries over the tests that answer one question together.

A family is all that one plan asks of one indicator in one period: the series of all and of each subgroup. It does not
grow with later periods, so an alarm of March cannot be undone by April. The rate of false discoveries is held at the
plan's level within each family, not over all families of a run: another indicator guards other requirements and
another person may review it. Benjamini and Hochberg (1995, JRSS B 57:289); it holds for positively dependent tests as
well, as subgroups and their total are (Benjamini and Yekutieli 2001, Ann Stat 29:1165).
"""

from collections import defaultdict
from dataclasses import replace

import numpy as np

from include.postmarket.detection.multiplicity import benjamini_hochberg
from include.postmarket.model.period import Period
from include.postmarket.model.signal import Detection

Family = tuple[str, str, Period]


def family_of(detection: Detection) -> Family:
    """Give the family a detection is tested in: plan id, indicator id and period."""
    return (detection.plan_id, detection.indicator_id, detection.period)


def control_false_discoveries(detections: tuple[Detection, ...], rate: float) -> tuple[Detection, ...]:
    """Give the detections in the order they came, with ``adjusted_p`` and the alarms that survive.

    An evaluated detection with a p-value keeps its alarm only if its family's control rejects at ``rate`` too. Methods
    without p-value, and points that could not be evaluated, stay as they are and do not count in the family.
    """
    families: dict[Family, list[int]] = defaultdict(list)
    for position, detection in enumerate(detections):
        if detection.evaluated and detection.p_value is not None:
            families[family_of(detection)].append(position)
    controlled = list(detections)
    for members in families.values():
        p_values = np.array([detections[position].p_value for position in members], dtype=np.float64)
        rejected, adjusted = benjamini_hochberg(p_values, rate)
        for position, keep, adjusted_p in zip(members, rejected, adjusted, strict=True):
            alarm = detections[position].alarm and bool(keep)
            controlled[position] = replace(detections[position], adjusted_p=float(adjusted_p), alarm=alarm)
    return tuple(controlled)
