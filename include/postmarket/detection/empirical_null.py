"""Which pairs stand out from a background that is itself found from the data: the model behind `screen`.

Two parts in turn, each with what the other gave: how rates spread (`rate_mixture`), and what to expect of each pair
once raised ones are out of its margins (`unmasked_margins`).
"""

from dataclasses import dataclass

from include.postmarket.detection import rate_mixture, unmasked_margins
from include.postmarket.detection.blas import one_blas_thread
from include.postmarket.detection.rate_mixture import RateModel
from include.postmarket.detection.shapes import FloatArray, Pairs

_ROUNDS = 2  # a third changes which pairs are found by less than chance does


@dataclass(frozen=True, slots=True, kw_only=True)
class RateFit:
    """What the model says of each pair, shape (P,): unmasked expected count, P(background | n), posterior mean.

    ``variance`` is that of the error of the expected count, relative to it.
    """

    model: RateModel
    expected: FloatArray
    variance: FloatArray
    background_probability: FloatArray
    relative_rate: FloatArray


@one_blas_thread()
def fit_rates(pairs: Pairs) -> RateFit:
    """Fit background and raised rates to the pairs, and the margins to the background."""
    margins, counts = unmasked_margins.plain(pairs), unmasked_margins.plain_counts(pairs)
    model = rate_mixture.fit(counts, rate_mixture.START)
    for _ in range(_ROUNDS):
        background = rate_mixture.judge(model, counts).background_probability
        margins, counts = unmasked_margins.unmask(margins, model, background)
        model = rate_mixture.fit(counts, model)
    said = rate_mixture.judge(model, counts)
    return RateFit(
        model=model,
        expected=counts.expected,
        variance=counts.variance,
        background_probability=said.background_probability,
        relative_rate=said.relative_rate,
    )
