"""Terms that have risen."""

import numpy as np
import pytest

from include.postmarket.detection.shapes import MethodInputError, Reason
from include.postmarket.detection.themes import ThemeParameters, detect
from tests.unit.detection import complaint_texts


def _quiet(seed: int, count: int) -> list[str]:
    return [
        text for i, code in enumerate(("A07", "A09", "A04")) for text in complaint_texts.write(seed + i, code, count)
    ]


def test_new_kind_of_complaint_is_named_with_its_reports() -> None:
    """Twelve complaints of a silent alarm among sixty others: the terms of that fault rise, with their rows."""
    current = [*_quiet(100, 20), *complaint_texts.write(7, "A16", 12)]
    found = detect(_quiet(1, 80), current, ThemeParameters())

    named = {term for theme in found.themes for term in (theme.term, *theme.also)}
    assert found.evaluated
    assert {"alarm", "speaker", "warning"} <= named
    assert all(row >= 60 for theme in found.themes for row in theme.rows)
    for theme in found.themes:
        assert [row for row, text in enumerate(current) if theme.term in text] == theme.rows.tolist()
        assert theme.current_reports == len(theme.rows)


def test_terms_of_the_same_reports_are_one_theme() -> None:
    """A fixed phrase rises once, named by its longest run, not once per word of it."""
    current = [*_quiet(100, 20), *[f"{text} blue smoke rising" for text in _quiet(200, 4)]]
    found = detect(_quiet(1, 80), current, ThemeParameters())

    assert [theme.term for theme in found.themes] == ["blue smoke rising"]
    assert set(found.themes[0].also) == {"blue smoke", "smoke rising", "blue", "smoke", "rising"}


def test_false_themes_keep_to_the_share_without_a_change() -> None:
    """Over 60 pairs of samples of the same complaints at most 8 (0.99 quantile at 5 %) name any theme."""
    params = ThemeParameters(minimum_ratio=1.0)
    named = sum(bool(detect(_quiet(1000 + 10 * s, 30), _quiet(5000 + 10 * s, 15), params).themes) for s in range(60))

    assert named <= 8


def test_numbers_never_become_terms() -> None:
    """Serial numbers, dates and telephone numbers are no words, however often they are repeated."""
    current = [f"{text} serial EPX70411 call 202-555-0143 on 2026-01-05" for text in _quiet(100, 20)]
    found = detect(_quiet(1, 80), current, ThemeParameters())

    assert not any(
        character.isdigit() for theme in found.themes for term in (theme.term, *theme.also) for character in term
    )


@pytest.mark.parametrize(("count", "evaluated"), [(19, False), (20, True)])
def test_few_texts_are_not_evaluated(count: int, evaluated: bool) -> None:
    """One text too few, past or current, is not evaluated, and says so."""
    many, few = _quiet(1, 20), complaint_texts.write(2, "A16", count)
    for found in (detect(many, few, ThemeParameters()), detect(few, many, ThemeParameters())):
        assert found.evaluated == evaluated
        assert found.reason == (Reason.NONE if evaluated else Reason.TOO_FEW_UNITS)


def test_empty_texts_have_no_themes() -> None:
    """Reports without narrative are counted and name nothing."""
    found = detect([""] * 30, ["", "12345"] * 15, ThemeParameters())

    assert (found.evaluated, found.themes, found.terms_tested) == (True, (), 0)


def test_order_of_texts_changes_nothing_but_rows() -> None:
    """Shuffled current texts give the same themes."""
    current = [*_quiet(100, 20), *complaint_texts.write(7, "A16", 12)]
    order = np.random.default_rng(1).permutation(len(current))

    straight = detect(_quiet(1, 80), current, ThemeParameters())
    shuffled = detect(_quiet(1, 80), [current[i] for i in order], ThemeParameters())
    assert [theme.term for theme in straight.themes] == [theme.term for theme in shuffled.themes]


def test_missing_text_is_refused_without_quoting_any() -> None:
    """None instead of text is an error of the caller that names the row and no narrative."""
    with pytest.raises(MethodInputError, match="past row 1 is NoneType") as caught:
        detect(["private words", None], ["x"], ThemeParameters())  # type: ignore[list-item]

    assert "private" not in str(caught.value)
