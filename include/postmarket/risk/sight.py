"""What has to be seen of a risk: the rate at which the risk file would say something else of it.

A risk item states P1 per exposure. With its P2 the matrix places P = P1 x P2 in a band; at the lower bound B of the
next band in which the item's severity has another acceptability, the rate is x = B / P2. An indicator that watches at
rate r sees the risk go from P1 to x as a rise by 1 + (x - P1)/r: the events of this risk become so many more per
exposure, and everything else that the indicator counts stays as it is. For an indicator that counts this risk alone,
at the rate that is assumed, that is x / P1.
"""

from dataclasses import dataclass

from include.postmarket.model.risk import Acceptability, Matrix, RiskItem
from include.postmarket.risk.matrix import acceptability_of, level_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The next rate of P1, per exposure, at which the matrix says something else of a risk, and what it says then."""

    rate: float
    acceptability: Acceptability


def next_change(item: RiskItem, matrix: Matrix) -> Change | None:
    """Give the next change above the item's P1; None where a higher probability changes nothing.

    Raises InputError as `risk.matrix` does, for a severity or probability that is not on the scales.
    """
    level = level_of(matrix, item.p1 * item.p2)
    now = acceptability_of(matrix, level, item.severity)
    for higher in range(level + 1, len(matrix.bands) + 1):
        then = acceptability_of(matrix, higher, item.severity)
        if then is not now:
            return Change(rate=matrix.bands[higher - 1] / item.p2, acceptability=then)
    return None


def needed_rise(item: RiskItem, change: Change, rate: float) -> float:
    """Give the rise, as a ratio, of an indicator that counts ``rate`` > 0 events per exposure."""
    return 1 + (change.rate - item.p1) / rate
