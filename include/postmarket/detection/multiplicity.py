"""Many series looked at together: the alarms that hold when the whole family is tested at once.

Benjamini and Hochberg (1995), step-up: with m tests the i-th smallest p-value is rejected if p_(i) <= q i/m, and so are
all smaller ones; the adjusted p-value is the least q at which a test would be rejected.
"""

import numpy as np
import numpy.typing as npt

from include.postmarket.detection.evaluation import require
from include.postmarket.detection.shapes import BoolArray, FloatArray

METHOD = "benjamini_hochberg"


def benjamini_hochberg(p_values: npt.ArrayLike, q: float) -> tuple[BoolArray, FloatArray]:
    """Give (rejected, adjusted p-values), both of the shape of ``p_values``; the expected share of false ones is <= q.

    A nan is a test that was not made: it counts for nothing, is not rejected, and its adjusted value is nan.
    Raises `MethodInputError` for a p-value outside [0, 1] or q outside (0, 1].
    """
    p = np.asarray(p_values, dtype=np.float64)
    made = ~np.isnan(p)
    require(0 < q <= 1, method=METHOD, wrong=f"q {q}", todo="give the wanted share of false alarms, in (0, 1]")
    require(
        bool(np.all((p[made] >= 0) & (p[made] <= 1))),
        method=METHOD,
        wrong="a p-value outside 0 to 1",
        todo="give probabilities, nan where no test was made",
    )
    adjusted: FloatArray = np.full(p.shape, np.nan)
    tested = p[made]
    order = np.argsort(tested, kind="stable")
    scaled = tested[order] * tested.size / np.arange(1, tested.size + 1)
    least = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    found = np.empty_like(tested)
    found[order] = least
    adjusted[made] = found
    rejected: BoolArray = made & (np.where(made, adjusted, np.inf) <= q)
    return rejected, adjusted


def holds_in_family(own: FloatArray, others: FloatArray, q: float) -> BoolArray:
    """Say of N tests, ``own`` (N,), whether each is rejected in the family with ``others`` (N, m - 1); nan is no test.

    The same step-up as `benjamini_hochberg`, for many families at once.
    """
    held: BoolArray = own <= q / (1 + np.sum(~np.isnan(others), axis=1))  # then it is rejected whatever the others are
    rest = np.flatnonzero(~held & (own <= q))
    family = np.sort(np.column_stack([own[rest], others[rest]]), axis=1)  # nan comes last
    number = np.sum(~np.isnan(family), axis=1, keepdims=True)
    step_up = family <= q * np.arange(1, family.shape[1] + 1) / number
    held[rest] = np.any(step_up & (family >= own[rest][:, None]), axis=1)
    return held
