"""The chart as an image and for those who do not see it."""

from datetime import date
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from include.postmarket.model.period import Period
from include.postmarket.pages.chart import draw, nice_step
from include.postmarket.pages.series import SeriesPoint

SVG = "{http://www.w3.org/2000/svg}"


def point(month: int, observed: float | None, *, alarm: bool = False, evaluated: bool = True) -> SeriesPoint:
    """Give a month with expected 10 and limit 20."""
    return SeriesPoint(
        period=Period(date(2026, month, 1)),
        observed=observed,
        expected=10.0,
        limit=20.0,
        exposure=500.0 + month,
        evaluated=evaluated,
        alarm=alarm,
    )


POINTS = (point(1, 8.0), point(2, None, evaluated=False), point(3, 9.0, evaluated=False), point(4, 35.0, alarm=True))


def drawn(points: tuple[SeriesPoint, ...]) -> ET.Element:
    """Give the chart as a tree, which proves that it is well-formed."""
    svg = draw(points, "complaints", "days")
    return ET.fromstring(f'<r xmlns="http://www.w3.org/2000/svg">{svg}</r>')[0]  # noqa: S314 - our own


def test_each_kind_of_point_has_a_shape_of_its_own() -> None:
    """Alarm, evaluated, not evaluated and nothing observed differ by shape and class, not by colour alone."""
    tree = drawn(POINTS)
    shapes = [
        (e.tag.removeprefix(SVG), e.get("class")) for e in tree if e.get("class") in {"alarm", "point", "blind", "gap"}
    ]

    assert sorted(shapes) == [("circle", "blind"), ("circle", "point"), ("polygon", "alarm"), ("rect", "gap")]


def test_the_chart_is_told_in_words() -> None:
    """Title and description name the span, the alarms and how many periods nobody could evaluate."""
    tree = drawn(POINTS)
    title, text = tree.findtext(f"{SVG}title"), tree.findtext(f"{SVG}desc")

    assert tree.get("role") == "img"
    assert title == "Observed, expected and limit, complaints, January 2026 to April 2026"
    assert text is not None
    assert text.startswith("4 periods. Alarms: April 2026, 35 complaints. Not evaluated: 2.")


def test_a_line_is_interrupted_where_nothing_was_observed() -> None:
    """No line runs over a month without data, as if there had been some."""
    path = next(e for e in drawn(POINTS) if e.get("class") == "observed").get("d") or ""

    assert path.count("M") == 2


def test_larger_is_higher() -> None:
    """Of two observed values the larger one lies higher, and the axis reaches over both."""
    marks = [e for e in drawn((point(1, 5.0), point(2, 15.0), point(3, 18.0))) if e.get("class") == "point"]
    heights = [float(e.get("cy") or 0) for e in marks]

    assert all(a > b for a, b in pairwise(heights))
    assert min(heights) > 0


@pytest.mark.parametrize("tallest", [0.0, 0.003, 1.0, 7.0, 35.0, 99.0, 12345.0])
def test_grid_has_a_few_round_lines(tallest: float) -> None:
    """Two to seven steps reach the top, and nothing divides by zero."""
    step = nice_step(tallest)

    assert tallest == 0 or 1 <= tallest / step <= 6
    assert f"{step:e}"[0] in "125"


def test_texts_are_escaped() -> None:
    """A unit is text: it cannot become markup."""
    svg = draw(POINTS, "<b>", "<i>")

    assert "<b>" not in svg
    assert "<i>" not in svg


def test_nothing_is_drawn_of_nothing() -> None:
    """No points, no chart."""
    assert draw((), "complaints", "") == ""
