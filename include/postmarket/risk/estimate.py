"""Re-estimation of P1 from the field: the design's prediction as a capped prior, the field's events on top.

ISO 14971:2019 Annex C: the probability of harm is P1 (the hazardous situation occurs) times P2 (it then leads to the
harm). Field data count failures and hazardous situations, so P1 is what is estimated here, per exposure; P2 stays as
the risk file has it, and P = P1 x P2.

Gamma-Poisson: prior Gamma(a0, b0) with a0/b0 the predicted P1 and b0 its worth in exposure; x events in T exposure give
Gamma(a0 + x, b0 + T). A factor f of under-reporting means that one of f events is seen, so T counts as T/f.

The cap: b0 is at most T/f, so that the prediction never weighs more than half against the field it is checked with. A
prediction of zero, or one worth no exposure, says nothing and is replaced by Jeffreys' prior Gamma(0.5, 0).
"""

from dataclasses import dataclass

from include.postmarket.detection.intervals import JEFFREYS, RatePosterior, RatePrior, rate_posterior
from include.postmarket.model.risk import RiskItem

#: Credibility of the one-sided upper bound that acceptability is judged on, and of the two-sided interval.
LEVEL = 0.95
METHOD_ID = "gamma_poisson_p1/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateEstimate:
    """The posterior of a rate per exposure: mean, 95 % interval (two-sided), 95 % upper bound (one-sided)."""

    prior: RatePrior
    posterior: RatePosterior
    mean: float
    low: float
    high: float
    upper: float

    def probability_above(self, rate: float) -> float:
        """Give the probability that the true rate is above ``rate``."""
        return float(self.posterior.probability_above(rate))


def estimate_rate(prior: RatePrior, events: int, exposure: float) -> RateEstimate:
    """Give the posterior of the rate, per unit of exposure, for a prior taken as it is.

    Raises `detection.shapes.MethodInputError` for negative events or exposure that is not positive.
    """
    posterior = rate_posterior(events, exposure, prior)
    tail = (1 - LEVEL) / 2
    return RateEstimate(
        prior=prior,
        posterior=posterior,
        mean=float(posterior.mean),
        low=float(posterior.upper_bound(tail)),
        high=float(posterior.upper_bound(1 - tail)),
        upper=float(posterior.upper_bound(LEVEL)),
    )


def capped_prior(item: RiskItem, exposure: float) -> RatePrior:
    """Give the risk file's P1 as a prior worth at most ``exposure``; Jeffreys' where it predicts or weighs nothing."""
    if item.p1 <= 0 or item.prior_exposure <= 0:
        return JEFFREYS
    return RatePrior(events=item.p1 * item.prior_exposure, exposure=item.prior_exposure).capped(exposure)


def estimate_p1(item: RiskItem, events: int, exposure: float, under_reporting_factor: float = 1.0) -> RateEstimate:
    """Give the estimate of P1, per exposure, of one risk item from the events and exposure of a window."""
    effective = exposure / under_reporting_factor
    return estimate_rate(capped_prior(item, effective), events, effective)
