"""Suggests the problem code of a narrative (IMDRF Annex A, or any code list) with a probability that can be believed.

Logistic regression on word runs, learnt from narratives that people have coded. Its penalty, one temperature (Guo et
al. 2017) and then a monotone map from stated to observed probability (Zadrozny & Elkan 2002) are fitted on predictions
for texts the model has not seen; the same predictions say how often the first suggestion was right. A suggestion is for
a person to accept.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from include.postmarket.detection.contingency import reason_where
from include.postmarket.detection.narratives import check_texts, weighted_terms
from include.postmarket.detection.shapes import (
    BoolArray,
    FloatArray,
    IntArray,
    MethodInputError,
    Reason,
    ReasonArray,
)

_CALIBRATION_BINS = 10
_LEAST = 1e-4  # probability of a code that no text of the kind had
_STRENGTHS = (0.03, 0.3, 3.0, 30.0)  # inverse penalty of the regression: noisy codes want a small one


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeParameters:
    """Codes with fewer than ``minimum_examples`` narratives are not learnt; ``folds`` for the calibration."""

    minimum_examples: int = 5
    folds: int = 5
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeModel:
    """What was learnt, and how good it is on narratives it had not seen.

    ``accuracy`` is the share of first suggestions that were right, ``calibration_error`` the mean distance between
    stated probability and share right over ten bins. ``left_out`` are codes with too few examples: they are never
    suggested.
    """

    codes: tuple[str, ...]
    left_out: tuple[str, ...]
    temperature: float
    observed: IsotonicRegression
    accuracy: float
    calibration_error: float
    pipeline: Pipeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """Codes and probabilities of shape (n, k), the most probable first; nan where a text has no known word."""

    code: list[tuple[str, ...]]
    probability: FloatArray
    evaluated: BoolArray
    reason: ReasonArray


def learn(texts: Sequence[str], codes: Sequence[str], params: CodeParameters) -> CodeModel:
    """Learn from narratives and the codes that people gave them; the order of rows does not matter.

    Raises MethodInputError where the two are not parallel, a narrative is no text, or fewer than two codes have enough
    examples.
    """
    check_texts("texts", texts)
    if len(texts) != len(codes):
        raise MethodInputError(f"{len(texts)} texts and {len(codes)} codes: give one code per text")
    names, counts = np.unique(np.asarray(codes, dtype=np.str_), return_counts=True)
    enough = names[counts >= max(params.minimum_examples, params.folds)]
    if len(enough) < 2:
        raise MethodInputError(
            f"{len(enough)} codes have {params.minimum_examples} examples or more: code more narratives first"
        )
    rows = sorted((code, text) for code, text in zip(codes, texts, strict=True) if code in set(enough.tolist()))
    target = np.searchsorted(enough, [code for code, _ in rows])
    known = [text for _, text in rows]
    tried = [_try_strength(strength, known, target, params) for strength in _STRENGTHS]
    _, temperature, strength, unseen = min(tried, key=lambda trial: trial[0])
    stated = softmax(unseen / temperature, axis=1)
    right = stated.argmax(axis=1) == target
    return CodeModel(
        codes=tuple(enough.tolist()),
        left_out=tuple(sorted(set(names.tolist()) - set(enough.tolist()))),
        temperature=temperature,
        observed=_observed(stated, target),
        accuracy=float(right.mean()),
        calibration_error=calibration_error(_calibrated_apart(stated, target).max(axis=1), right),
        pipeline=_pipeline(strength).fit(known, target),
    )


def suggest(model: CodeModel, texts: Sequence[str], count: int) -> Suggestions:
    """Give the ``count`` most probable codes of each narrative (fewer where fewer were learnt).

    Raises MethodInputError where a narrative is no text or ``count`` is below 1.
    """
    check_texts("texts", texts)
    if count < 1:
        raise MethodInputError(f"count is {count}: ask for one code or more")
    count = min(count, len(model.codes))
    if not len(texts):
        return Suggestions(
            code=[], probability=np.empty((0, count)), evaluated=np.empty(0, np.bool_), reason=np.empty(0, np.str_)
        )
    evaluated = np.diff(model.pipeline[0].transform(texts).tocsr().indptr) > 0
    stated = softmax(_scores(model.pipeline, texts, len(model.codes)) / model.temperature, axis=1)
    # The map has flat stretches: the order is that of the stated probabilities.
    best = np.argsort(-stated, axis=1, kind="stable")[:, :count]
    probability = _calibrate(model.observed, stated)
    return Suggestions(
        code=[tuple(model.codes[i] for i in row) if seen else () for row, seen in zip(best, evaluated, strict=True)],
        probability=np.where(evaluated[:, np.newaxis], np.take_along_axis(probability, best, axis=1), np.nan),
        evaluated=evaluated,
        reason=reason_where((~evaluated, Reason.UNKNOWN_WORDS)),
    )


def calibration_error(probability: FloatArray, right: BoolArray) -> float:
    """Give the mean distance between stated probability and share right, over ten bins weighted by their texts."""
    bin_of = np.minimum((probability * _CALIBRATION_BINS).astype(np.int64), _CALIBRATION_BINS - 1)
    difference = np.bincount(bin_of, probability - right, minlength=_CALIBRATION_BINS)
    return float(np.abs(difference).sum() / len(probability))


def _observed(stated: FloatArray, target: IntArray) -> IsotonicRegression:
    """Fit the map from the stated probability of a code to the share of texts that have it, all codes together."""
    has_code = np.zeros(stated.shape)
    has_code[np.arange(len(target)), target] = 1.0
    return IsotonicRegression(y_min=_LEAST, y_max=1.0, out_of_bounds="clip").fit(stated.ravel(), has_code.ravel())


def _calibrate(observed: IsotonicRegression, stated: FloatArray) -> FloatArray:
    probability = np.asarray(observed.predict(stated.ravel())).reshape(stated.shape)
    return np.asarray(probability / probability.sum(axis=1, keepdims=True))


def _calibrated_apart(stated: FloatArray, target: IntArray) -> FloatArray:
    """Calibrate each half of the texts by a map fitted on the other, so that the error stated is honest."""
    half = np.arange(len(target)) % 2 == 0
    probability = np.empty(stated.shape)
    for this in (half, ~half):
        probability[this] = _calibrate(_observed(stated[~this], target[~this]), stated[this])
    return probability


def _pipeline(strength: float) -> Pipeline:
    return make_pipeline(weighted_terms(longest=2, fewest_reports=1), LogisticRegression(C=strength, max_iter=1000))


def _try_strength(
    strength: float, texts: list[str], target: IntArray, params: CodeParameters
) -> tuple[float, float, float, FloatArray]:
    """Give the log loss on unseen texts at the best temperature, that temperature, the strength and the scores."""
    scores = _unseen_scores(strength, texts, target, params)

    def loss(log_temperature: float) -> float:
        log_probability = log_softmax(scores / np.exp(log_temperature), axis=1)
        return -float(log_probability[np.arange(len(target)), target].mean())

    found = minimize_scalar(loss, bounds=(-3.0, 3.0), method="bounded")
    return float(found.fun), float(np.exp(found.x)), strength, scores


def _scores(pipeline: Pipeline, texts: Sequence[str], codes: int) -> FloatArray:
    """Give the log-odds scores, shape (n, codes); for two codes scikit-learn gives one column."""
    scores = np.asarray(pipeline.decision_function(texts))
    return np.column_stack([np.zeros(len(texts)), scores]) if codes == 2 else scores


def _unseen_scores(strength: float, texts: list[str], target: IntArray, params: CodeParameters) -> FloatArray:
    """Score each text by a model that has not seen it; every fold holds every code, as texts are dealt code by code."""
    start = np.random.default_rng(params.seed).permutation(params.folds)
    fold = start[np.arange(len(texts)) % params.folds]
    codes = int(target.max()) + 1
    scores = np.empty((len(texts), codes))
    for held_out in range(params.folds):
        train, test = np.flatnonzero(fold != held_out), np.flatnonzero(fold == held_out)
        fitted = _pipeline(strength).fit([texts[i] for i in train], target[train])
        scores[test] = _scores(fitted, [texts[i] for i in test], codes)
    return scores
