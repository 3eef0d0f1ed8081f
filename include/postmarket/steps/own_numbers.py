"""The numbers that a method for pairs decides by, for its page and its table."""

import numpy as np

from include.postmarket.detection.entries import PairResult
from include.postmarket.detection.gps import GammaPoissonShrinker
from include.postmarket.detection.information_component import InformationComponent
from include.postmarket.detection.lrt import LikelihoodRatios
from include.postmarket.detection.screen import Screen
from include.postmarket.detection.shapes import FloatArray


def own_numbers(said: PairResult) -> dict[str, FloatArray]:
    """Give what a method says of each pair beyond PRR and ROR, shape (P,) each, nan where there is no number.

    Bounds are those of the method's own confidence (by default ``ic_lower`` is IC025). ``expected_false_signals`` is
    that of all alarms together, the same for each pair.
    """
    if isinstance(said, Screen):
        every = np.full(len(said.pairs.n), said.expected_false_signals)
        return {
            "relative_rate": said.relative_rate,
            "false_probability": said.false_probability,
            "expected_unmasked": said.expected,
            "expected_false_signals": every,
        }
    if isinstance(said, InformationComponent):
        return {"ic": said.ic, "ic_lower": said.lower}
    if isinstance(said, GammaPoissonShrinker):
        return {"ebgm": said.posterior.ebgm, "eb05": said.posterior.eb05}
    if isinstance(said, LikelihoodRatios):
        critical = np.full(len(said.statistic), said.critical_value)
        return {"statistic": said.statistic, "critical_value": critical, "p_value": said.p_value}
    return {}


def remarks(said: PairResult) -> list[str]:
    """Give what a person should know of an answer as a whole, a line each."""
    if isinstance(said, Screen) and said.model is not None:
        return [f"false signals to expect among the alarms: {said.expected_false_signals:.1f}"]
    if isinstance(said, GammaPoissonShrinker) and said.fit is not None:
        found = [f"prior: {text}" for text in said.fit.boundary]
        if said.fit.rivals:
            found.append(
                f"prior: {said.fit.rivals} other fits within one unit of log-likelihood; mind EB05 near a limit"
            )
        return found
    return []
