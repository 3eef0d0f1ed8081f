"""Evaluate an indicator of narratives: has a theme come up that reports named less before? Words stay in the lake."""

from collections.abc import Sequence

from include.postmarket.detection import catalogue
from include.postmarket.detection.shapes import Reason
from include.postmarket.detection.themes import Theme, Themes
from include.postmarket.model.signal import Detection
from include.postmarket.series.scope import observed
from include.postmarket.series.texts import Texts, narratives
from include.postmarket.steps.evaluation import (
    Answer,
    Point,
    detection,
    history,
    method_parameters,
    not_evaluated,
    observed_run,
    plain,
)
from include.postmarket.steps.theme_words import safe_words, shown

_TOLD = 5  # themes that a detection tells, the most certain first


def evaluate(point: Point) -> Sequence[Detection]:
    """Give one detection for the point's period: of the theme that rose most certainly, with its records."""
    spans = history(point)
    covered = observed(spans, point.rows.coverage)
    unit = point.indicator.source.value
    if not covered[-1]:
        return [detection(point, not_evaluated("", unit, Reason.NOT_OBSERVED.value))]
    run = observed_run(point, covered, spans)
    if len(run) < 2:
        return [detection(point, not_evaluated("", unit, Reason.SHORT_HISTORY.value))]
    texts = narratives(point.rows, point.indicator, run)
    if not texts.before and not texts.now:
        return [detection(point, not_evaluated("", unit, f"no {unit} with a narrative"))]
    method = catalogue.NARRATIVES[point.indicator.method.name]
    found = method.detect(texts.before, texts.now, method_parameters(point.indicator))
    if not found.evaluated:
        counted = f"{len(texts.now)} narratives now, {len(texts.before)} before"
        return [detection(point, not_evaluated("", unit, f"{found.reason.value}: {counted}"))]
    return [detection(point, _answer(point, texts, found))]


def _answer(point: Point, texts: Texts, found: Themes) -> Answer:
    counted = {
        "narratives": f"{len(texts.now)} now, {len(texts.before)} before, {texts.without} records without",
        "terms_compared": str(found.terms_tested),
        "themes": str(len(found.themes)),
    }
    unit = point.indicator.source.value
    if not found.themes:
        return Answer(subgroup="", unit=unit, evaluated=True, reason="", observed=0.0, limit=0.0, details=counted)
    first, words = found.themes[0], safe_words(point.plan)
    needed = point.indicator.minimum_events
    held = f"alarm held back: {first.current_reports} reports, at least {needed} are asked for"
    few = first.current_reports < needed
    return Answer(
        subgroup="",
        unit=unit,
        evaluated=True,
        reason="",
        observed=float(first.current_reports),
        expected=plain(first.expected),
        limit=float(max(first.limit, needed - 1)),
        statistic=plain(first.ratio),
        p_value=plain(first.adjusted_p_value),
        alarm=not few,
        record_ids=tuple(sorted(texts.keys[row] for row in first.rows.tolist())),
        details=counted
        | {"theme": _told(first, words)}
        | {f"theme_{number}": _told(theme, words) for number, theme in enumerate(found.themes[1:_TOLD], start=2)}
        | ({"held_back": held} if few else {}),
    )


def _told(theme: Theme, words: frozenset[str]) -> str:
    """Say of a theme how often it was named, and its words as far as they may be shown."""
    told = "; ".join(dict.fromkeys(shown(term, words) for term in (theme.term, *theme.also)))
    return f"{told}: {theme.current_reports} now, {theme.past_reports} before"
