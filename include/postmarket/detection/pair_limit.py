"""The count above which a pair alarms, everything else as it is: what a chart draws as the limit of a pair.

The margins, the other pairs and what was fitted to the table are held; only the reports of the one pair are varied. The
rules alarm from some count on, so that count is found by halving, for all pairs together.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from include.postmarket.detection import gps, information_component, lrt, prr_ror, screen
from include.postmarket.detection.entries import PairResult
from include.postmarket.detection.gps import GammaPoissonShrinker
from include.postmarket.detection.information_component import InformationComponent
from include.postmarket.detection.lrt import LikelihoodRatios
from include.postmarket.detection.prr_ror import RatioMeasures
from include.postmarket.detection.rate_mixture import UncertainCounts, judge
from include.postmarket.detection.screen import Screen
from include.postmarket.detection.shapes import BoolArray, FloatArray, IntArray, MethodInputError, Pairs

Rule = Callable[[Pairs], BoolArray]


def limit(said: PairResult, params: Any, which: IntArray) -> FloatArray:
    """Give the limit of the pairs numbered ``which``, shape of it: alarm is a count above it; nan where none alarms.

    Nan too where a pair was not evaluated. `screen` judges all pairs together: its limit holds for the share of false
    signals, and so the cut, as it was. ``params`` are those that ``said`` was made with. Raises MethodInputError for
    the answer of a method that is not known here.
    """
    pairs = _taken(said.pairs, which)
    rule = _rule(said, params, which)
    most = np.minimum(pairs.product_total, pairs.event_total)
    quiet, alarming = np.zeros(len(which)), most + 1
    while ((alarming - quiet) > 1).any():
        middle = np.floor((quiet + alarming) / 2)
        asked = np.clip(middle, 1, most)
        alarm = rule(replace(pairs, n=asked))
        open_ = (alarming - quiet) > 1
        alarming = np.where(open_ & alarm, middle, alarming)
        quiet = np.where(open_ & ~alarm, middle, quiet)
    return np.where(alarming > most, np.nan, quiet)


def _taken(pairs: Pairs, which: IntArray) -> Pairs:
    names = ("product", "event", "n", "product_total", "event_total", "expected")
    return replace(pairs, **{name: getattr(pairs, name)[which] for name in names})


def _rule(said: PairResult, params: Any, which: IntArray) -> Rule:
    """Give the rule of the method that said it, for counts of the pairs numbered ``which`` that were not seen."""
    if isinstance(said, RatioMeasures):
        return lambda pairs: prr_ror.detect(pairs, params).alarm
    if isinstance(said, InformationComponent):
        return lambda pairs: information_component.detect(pairs, params).alarm
    if isinstance(said, LikelihoodRatios):
        judged = said.evaluated[which]
        return lambda pairs: judged & (lrt.log_likelihood_ratio(pairs.n, pairs.expected) > said.critical_value)
    if isinstance(said, GammaPoissonShrinker):
        return _shrunk(said, params, which)
    if isinstance(said, Screen):
        return _screened(said, params, which)
    raise MethodInputError(f"no limit is known for pairs of {type(said).__name__}: add its rule to pair_limit")


def _screened(said: Screen, params: screen.ScreenParameters, which: IntArray) -> Rule:
    def alarm(pairs: Pairs) -> BoolArray:
        if said.model is None:
            return np.zeros(len(which), dtype=np.bool_)
        counts = UncertainCounts(pairs.n, said.expected[which], said.variance[which])
        taken = judge(said.model, counts).background_probability <= said.cut
        return said.evaluated[which] & taken & (pairs.n >= params.minimum_reports)

    return alarm


def _shrunk(said: GammaPoissonShrinker, params: gps.GpsParameters, which: IntArray) -> Rule:
    def alarm(pairs: Pairs) -> BoolArray:
        if said.fit is None:
            return np.zeros(len(which), dtype=np.bool_)
        scored = gps.score(pairs, said.fit.prior)
        enough = (scored.eb05 >= params.minimum_eb05) & (scored.ebgm >= params.minimum_ebgm)
        return said.evaluated[which] & enough & (pairs.n >= params.minimum_reports)

    return alarm
