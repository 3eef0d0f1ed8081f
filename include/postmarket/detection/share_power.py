"""What the share test of `anomaly_share` does to a fleet: exact, by its beta-binomial distribution.

Without a change the number of devices beyond the limit is beta-binomial(n1, n0 + 1 - m, m), as in the test itself, so
the chance of a false alarm is a tail of it. With a share s of devices beyond the limit the number is binomial(n1, s):
the smallest share seen is the s at which the least alarming number is reached with the wanted probability, a quantile
of a beta distribution (Clopper and Pearson 1934).
"""

from dataclasses import dataclass
from math import ceil

import numpy as np
from scipy import special
from scipy.stats import betabinom

from include.postmarket.detection.shapes import MethodInputError


@dataclass(frozen=True, slots=True, kw_only=True)
class SharePower:
    """``expected``: share of devices beyond the limit without a change; ``false_alarm``: chance of one in a period.

    ``smallest`` is the share that is seen in one period with probability ``seen``; infinite where no share is.
    """

    expected: float
    false_alarm: float
    smallest: float


def share_power(devices: tuple[int, int], tail: float, level: float, seen: float) -> SharePower:
    """Give the power of the test of ``devices`` = (baseline, current) devices measured, at a plan's tail and level.

    Raises MethodInputError where there is no device, or a share or probability is not between 0 and 1.
    """
    baseline, current = devices
    if baseline < 1 or current < 1:
        raise MethodInputError(f"{baseline} baseline and {current} current devices: give one or more of each")
    if not all(0 < value < 1 for value in (tail, level, seen)):
        raise MethodInputError(f"tail {tail}, level {level} and seen {seen} must lie between 0 and 1")
    rank = min(ceil((baseline + 1) * (1 - tail)), baseline)
    chance = betabinom(current, baseline + 1 - rank, rank).sf(np.arange(current + 1) - 1)
    least = int(np.count_nonzero(chance > level))  # the least number that alarms
    alarms = least <= current
    return SharePower(
        expected=(baseline + 1 - rank) / (baseline + 1),
        false_alarm=float(chance[least]) if alarms else 0.0,
        smallest=float(special.betaincinv(least, current - least + 1, seen)) if alarms else float("inf"),
    )
