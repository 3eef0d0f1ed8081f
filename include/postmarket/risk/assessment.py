"""What the field's evidence does to one risk: where it lay in the matrix, where it lies now, and what that suggests.

The level after is that of the upper 95 % credible bound of P, because it is used to claim acceptability; the mean is
written for display. Before is the risk file as it stands: a prediction without an interval.
"""

from dataclasses import dataclass
from typing import Any

from include.postmarket.model.errors import InputError
from include.postmarket.model.risk import Acceptability, RiskFile, RiskItem
from include.postmarket.risk.estimate import RateEstimate, estimate_p1
from include.postmarket.risk.evidence import Evidence, record_unit
from include.postmarket.risk.matrix import acceptability_of, band_limit, level_of

#: ISO 14971:2019 10.3, by the names of the risk update record.
QUESTIONS = ("new_hazard", "risk_no_longer_acceptable", "overall_residual_risk", "state_of_the_art_changed")

_THIN = " The exposure is too small to tell: even without any event it could not have confirmed the level before."
_LOWER = " The level is lower only as far as the field reports all its events: see the under-reporting factor."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Position:
    """Where a risk lies in the matrix: probability of harm (for display), level, acceptability."""

    p_harm: float
    level: int
    acceptability: Acceptability


def why_not_estimable(item: RiskItem, risk_file: RiskFile, evidence: Evidence) -> str:
    """Say why the field data give no rate that this matrix can place; empty when they do."""
    if evidence.exposure is None:
        return "no exposure stands behind these numbers, so they give no rate; a person has to assess the risk"
    if evidence.exposure == 0:
        return "exposure is zero in the window; a person has to assess the risk"
    units = {record_unit(name) for name in (item.exposure_unit, evidence.unit, risk_file.matrix.per)}
    if len(units) > 1 or "" in units:
        return (
            f"P1 is per {item.exposure_unit}, the evidence per {evidence.unit} and the matrix per "
            f"{risk_file.matrix.per}: they cannot be compared; a person has to assess the risk"
        )
    return ""


def _predicted(item: RiskItem, risk_file: RiskFile) -> _Position:
    return _position(item, risk_file, item.p1 * item.p2, judged_on=item.p1 * item.p2)


def _position(item: RiskItem, risk_file: RiskFile, p_harm: float, judged_on: float) -> _Position:
    level = level_of(risk_file.matrix, judged_on)
    return _Position(
        p_harm=p_harm,
        level=level,
        acceptability=acceptability_of(risk_file.matrix, level, item.severity),
    )


def _before(item: RiskItem, position: _Position) -> dict[str, Any]:
    return {
        "severity": item.severity,
        "p1": item.p1,
        "p2": item.p2,
        "p_harm": position.p_harm,
        "ci_low": None,
        "ci_high": None,
        "p_level": position.level,
        "method": "predicted",
    }


def assessed(item: RiskItem, risk_file: RiskFile, evidence: Evidence) -> dict[str, Any]:
    """Give before, after, acceptability, the questions of 10.3 and the proposed decision, from events in exposure.

    Raises InputError where `why_not_estimable` has a reason.
    """
    reason = why_not_estimable(item, risk_file, evidence)
    if reason or evidence.exposure is None:
        raise InputError(
            f"risk item {item.id} cannot be estimated: {reason}",
            where="risk assessment",
            todo="leave the risk to a person",
        )
    estimate = estimate_p1(item, evidence.events, evidence.exposure, evidence.under_reporting_factor)
    none_seen = estimate_p1(item, 0, evidence.exposure, evidence.under_reporting_factor)
    before = _predicted(item, risk_file)
    after = _position(item, risk_file, estimate.mean * item.p2, judged_on=estimate.upper * item.p2)
    limit = band_limit(risk_file.matrix, before.level)
    above = None if limit is None or item.p2 == 0 else estimate.probability_above(limit / item.p2)
    changed = before.level != after.level or not estimate.low <= item.p1 <= estimate.high
    notes = _THIN if limit is not None and none_seen.upper * item.p2 >= limit else ""
    notes += _LOWER if after.level < before.level else ""
    return {
        "before": _before(item, before),
        "after": _after(item, after, estimate) | {"band_limit_before": limit, "probability_above_band_limit": above},
        "acceptability": {
            "matrix_id": risk_file.matrix.id,
            "before": before.acceptability.value,
            "after": after.acceptability.value,
            "benefit_risk_needed": after.acceptability is not Acceptability.ACCEPTABLE,
        },
        "question_answers": dict.fromkeys(QUESTIONS, "undetermined")
        | {"evidence": _answers_in_words(item, before, after, above)},
        "decision": "estimate_updated" if changed else "no_change",
        "decision_rationale": _rationale(item, estimate, before, after) + notes,
    }


def _after(item: RiskItem, position: _Position, estimate: RateEstimate) -> dict[str, Any]:
    return {
        "severity": item.severity,
        "p1": estimate.mean,
        "p2": item.p2,
        "p_harm": position.p_harm,
        "ci_low": estimate.low * item.p2,
        "ci_high": estimate.high * item.p2,
        "p_level": position.level,
        "method": "gamma_posterior",
        "estimated": "P1 per exposure; p_harm = P1 x P2 with P2 of the risk file",
        "p_harm_upper_95": estimate.upper * item.p2,
        "prior_events": estimate.prior.events,
        "prior_exposure": estimate.prior.exposure,
        "posterior_exposure": float(estimate.posterior.exposure),
    }


def unassessed(item: RiskItem, risk_file: RiskFile, reason: str) -> dict[str, Any]:
    """Give the same parts where nothing can be estimated: empty numbers, no decision, the reason at each question."""
    before = _predicted(item, risk_file)
    nothing = dict.fromkeys(QUESTIONS, reason)
    return {
        "before": _before(item, before),
        "after": {
            "severity": item.severity,
            "p1": None,
            "p2": item.p2,
            "p_harm": None,
            "ci_low": None,
            "ci_high": None,
            "p_level": None,
            "method": "qualitative",
        },
        "acceptability": {
            "matrix_id": risk_file.matrix.id,
            "before": before.acceptability.value,
            "after": Acceptability.INVESTIGATE.value,
            "benefit_risk_needed": True,
        },
        "question_answers": dict.fromkeys(QUESTIONS, "undetermined") | {"evidence": nothing},
        "decision": None,
        "decision_rationale": f"Nothing is proposed: {reason}.",
    }


def _answers_in_words(item: RiskItem, before: _Position, after: _Position, above: float | None) -> dict[str, str]:
    """Say what the data say of each question of 10.3, for the person who answers it."""
    share = "" if above is None else f"; the probability that the rate lies above the predicted band is {above:.3g}"
    return {
        "new_hazard": f"The signal informs {item.id}, which is in the risk file. Coded fields cannot show an "
        "unrecognised hazard: read the cases.",
        "risk_no_longer_acceptable": f"By the upper 95 % credible bound of P the matrix says {after.acceptability} "
        f"(level {after.level}), before {before.acceptability} (level {before.level}){share}.",
        "overall_residual_risk": f"Only {item.id} was estimated again; the overall residual risk needs all items and "
        "the benefit.",
        "state_of_the_art_changed": "The data of this signal say nothing of the state of the art.",
    }


def _rationale(item: RiskItem, estimate: RateEstimate, before: _Position, after: _Position) -> str:
    inside = "inside" if estimate.low <= item.p1 <= estimate.high else "outside"
    return (
        f"Proposed by software. P1 predicted {item.p1:.3g}, estimated {estimate.mean:.3g} (95 % credible interval "
        f"{estimate.low:.3g} to {estimate.high:.3g}, upper bound {estimate.upper:.3g}) per {item.exposure_unit}; the "
        f"prediction lies {inside} the interval. Level {before.level} to {after.level} (upper bound), "
        f"{before.acceptability} to {after.acceptability}. The prediction weighs {estimate.prior.exposure:.6g} of "
        f"exposure, capped at the field's."
    )
