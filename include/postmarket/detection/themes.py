"""Terms that more reports name now than before: what a new kind of complaint is about, before it has a code.

Each report counts once per term. A term has risen where Fisher's exact test (hypergeometric upper tail of its current
reports given all its reports) holds over all terms together (Benjamini & Hochberg) and its share of reports grew by the
ratio asked for. Terms whose reports are nearly the same make one theme, named by the longest of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_matrix
from scipy.stats import hypergeom
from sklearn.feature_extraction.text import CountVectorizer

from include.postmarket.detection.evaluation import require
from include.postmarket.detection.multiplicity import benjamini_hochberg
from include.postmarket.detection.narratives import WORD, check_texts, telling_analyzer
from include.postmarket.detection.shapes import IntArray, Reason

_SAME_REPORTS = 0.8  # Jaccard similarity from which two terms are one theme


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeParameters:
    """``false_share``: of false terms among the risen; ``minimum_reports``: of a term, past and current together."""

    false_share: float = 0.05
    minimum_ratio: float = 2.0
    minimum_reports: int = 4
    minimum_texts: int = 20
    longest: int = 3

    def __post_init__(self) -> None:
        for holds, wrong, todo in (
            (0 < self.false_share < 1, f"false_share {self.false_share}", "give a share between 0 and 1"),
            (0 < self.minimum_ratio < np.inf, f"minimum_ratio {self.minimum_ratio}", "give a positive number"),
            (self.minimum_reports >= 1, f"minimum_reports {self.minimum_reports}", "give 1 report or more"),
            (self.minimum_texts >= 1, f"minimum_texts {self.minimum_texts}", "give 1 text or more"),
            (self.longest >= 1, f"longest {self.longest}", "give 1 word or more"),
        ):
            require(bool(holds), method="themes", wrong=wrong, todo=todo)


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """A term that has risen, with the rows of ``current`` that name it and the terms it stands for.

    ``expected`` is the current reports that the past share predicts, ``limit`` the number of them above which the term
    counts as risen, all other terms as they are.
    """

    term: str
    also: tuple[str, ...]
    past_reports: int
    current_reports: int
    expected: float
    limit: int
    ratio: float
    adjusted_p_value: float
    rows: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Themes:
    """Risen themes, most certain first; where not evaluated there are none and ``reason`` says why."""

    themes: tuple[Theme, ...]
    terms_tested: int
    evaluated: bool
    reason: Reason


@dataclass(frozen=True, slots=True)
class _Tested:
    """Every term with its reports: ``reports`` is a sorted array of rows of ``current`` per term."""

    terms: list[str]
    past: IntArray
    current: IntArray
    reports: list[IntArray]


def detect(past: Sequence[str], current: Sequence[str], params: ThemeParameters) -> Themes:
    """Compare the narratives of ``current`` with those of ``past``, one text per report.

    ``ratio`` is the current share of reports over the past share with half a report added to the past. Raises
    MethodInputError where a narrative is no text.
    """
    check_texts("past", past)
    check_texts("current", current)
    if min(len(past), len(current)) < params.minimum_texts:
        return Themes(themes=(), terms_tested=0, evaluated=False, reason=Reason.TOO_FEW_UNITS)
    tested = _count_terms(past, current, params)
    p_value = hypergeom.sf(tested.current - 1, len(past) + len(current), tested.past + tested.current, len(current))
    risen, adjusted = benjamini_hochberg(np.clip(p_value, 0.0, 1.0), params.false_share)
    expected = len(current) * (tested.past + 0.5) / (len(past) + 0.5)
    ratio = tested.current / expected
    enough = params.false_share * max(int(risen.sum()), 1) / max(len(tested.terms), 1)
    kept = np.flatnonzero(risen & (ratio >= params.minimum_ratio))
    themes = [
        Theme(
            term=tested.terms[group[0]],
            also=tuple(tested.terms[i] for i in group[1:]),
            past_reports=int(tested.past[group[0]]),
            current_reports=int(tested.current[group[0]]),
            expected=float(expected[group[0]]),
            limit=_limit(int(tested.past[group[0]]), (len(past), len(current)), enough, params.minimum_ratio),
            ratio=float(ratio[group[0]]),
            adjusted_p_value=float(adjusted[group[0]]),
            rows=tested.reports[group[0]],
        )
        for group in _groups(kept.tolist(), tested)
    ]
    themes.sort(key=lambda theme: (theme.adjusted_p_value, -theme.current_reports, theme.term))
    return Themes(themes=tuple(themes), terms_tested=len(tested.terms), evaluated=True, reason=Reason.NONE)


def _limit(past_reports: int, texts: tuple[int, int], enough: float, ratio: float) -> int:
    """Give the largest number of current reports that is no rise: too probable, or too little above the past share."""
    before, now = texts
    counts = np.arange(1, now + 1)
    p_value = hypergeom.sf(counts - 1, before + now, past_reports + counts, now)
    rises = (p_value <= enough) & (counts >= ratio * now * (past_reports + 0.5) / (before + 0.5))
    return int(np.argmax(rises)) if rises.any() else now


def _count_terms(past: Sequence[str], current: Sequence[str], params: ThemeParameters) -> _Tested:
    words = CountVectorizer(token_pattern=WORD, ngram_range=(1, params.longest), lowercase=True).build_analyzer()
    analyzer = telling_analyzer(words)
    texts = [*past, *current]
    if not any(analyzer(text) for text in texts):
        return _Tested([], np.empty(0, int), np.empty(0, int), [])
    vectorizer = CountVectorizer(analyzer=analyzer, binary=True)
    named = csc_matrix(vectorizer.fit_transform(texts))
    totals = np.asarray(named.sum(axis=0)).ravel()
    often = np.flatnonzero(totals >= params.minimum_reports)
    names = vectorizer.get_feature_names_out()
    rows = [np.sort(named.indices[named.indptr[i] : named.indptr[i + 1]]).astype(np.int64) for i in often]
    reports = [row[row >= len(past)] - len(past) for row in rows]
    now = np.array([len(row) for row in reports], dtype=np.int64)
    return _Tested([str(names[i]) for i in often], totals[often].astype(np.int64) - now, now, reports)


def _groups(kept: list[int], tested: _Tested) -> list[list[int]]:
    """Put terms of nearly the same reports together; the first of a group names it."""
    groups: list[list[int]] = []
    for i in sorted(kept, key=lambda i: (-tested.terms[i].count(" "), -int(tested.current[i]), tested.terms[i])):
        home = next((g for g in groups if _similar(tested.reports[g[0]], tested.reports[i])), None)
        if home is None:
            groups.append([i])
        else:
            home.append(i)
    return groups


def _similar(first: IntArray, second: IntArray) -> bool:
    shared = len(np.intersect1d(first, second, assume_unique=True))
    return shared >= _SAME_REPORTS * (len(first) + len(second) - shared)
