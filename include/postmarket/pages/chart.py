"""A series as one inline SVG, drawn here: nothing is loaded, colours come from the style sheet, shape says it too.

Every mark that has a colour of its own has a shape of its own as well; the page shows the same numbers as a table.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from include.postmarket.pages.series import SeriesPoint
from include.postmarket.pages.words import amount, figure, number, period_name

WIDTH, LEFT, RIGHT, TOP = 760, 56, 12, 28
MAIN, GAP, EXPOSURE, FOOT = 230, 34, 56, 26
_MARK = 4.0

Place = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class _Panel:
    """A part of the drawing: where its zero lies, and how many pixels a unit is."""

    base: float
    scale: float

    def y(self, value: float) -> float:
        return self.base - value * self.scale


def draw(points: Sequence[SeriesPoint], unit: str, exposure_unit: str) -> Markup:
    """Give the chart of a series; an exposure panel below it where there is exposure. Empty for no points."""
    if not points:
        return Markup()
    exposed = any(p.exposure is not None for p in points)
    height = TOP + MAIN + FOOT + (GAP + EXPOSURE if exposed else 0)
    parts = [*_main(points, unit)]
    if exposed:
        parts += _exposure(points, exposure_unit)
    return Markup(  # noqa: S704 - numbers of ours, and texts escaped where they are put in
        f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="chart-title chart-text">'
        f'<title id="chart-title">{escape(_title(points, unit))}</title>'
        f'<desc id="chart-text">{escape(_description(points, unit))}</desc>{"".join(parts)}</svg>'
    )


def _title(points: Sequence[SeriesPoint], unit: str) -> str:
    return f"Observed, expected and limit, {unit}, {period_name(points[0].period)} to {period_name(points[-1].period)}"


def _description(points: Sequence[SeriesPoint], unit: str) -> str:
    alarms = [p for p in points if p.alarm]
    said = "; ".join(f"{period_name(p.period)}, {amount(p.observed, unit)}" for p in alarms)
    blind = sum(not p.evaluated for p in points)
    return f"{len(points)} periods. Alarms: {said or 'none'}. Not evaluated: {blind}. The table below has every number."


def _main(points: Sequence[SeriesPoint], unit: str) -> Iterator[str]:
    tallest = max((v for p in points for v in (p.observed, p.expected, p.limit) if v is not None), default=1.0)
    step = nice_step(tallest)
    top = step * math.ceil(tallest / step) or step
    panel = _Panel(TOP + MAIN, MAIN / top)
    yield from _axis(panel, step, top, unit)
    x = _across(len(points))
    yield from _gaps(points, x)
    yield _line("limit", [(x(i), p.limit) for i, p in enumerate(points)], panel)
    yield _line("expected", [(x(i), p.expected) for i, p in enumerate(points)], panel)
    yield _line("observed", [(x(i), p.observed) for i, p in enumerate(points)], panel)
    for i, p in enumerate(points):
        if p.observed is not None:
            yield _mark(p, x(i), panel.y(p.observed), unit)
    yield from _months(points, x, TOP + MAIN + 18)


def nice_step(tallest: float) -> float:
    """Give the distance of grid lines: 1, 2 or 5 times a power of ten, so that four to eight lines reach the top."""
    if tallest <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(tallest / 4))
    return next(power * m for m in (1, 2, 5, 10) if tallest / (power * m) <= 6)


def _across(n: int) -> Place:
    room = WIDTH - LEFT - RIGHT
    return lambda i: LEFT + room * (i + 0.5) / n


def _axis(panel: _Panel, step: float, top: float, unit: str) -> Iterator[str]:
    yield f'<text class="tick" x="{LEFT}" y="{TOP - 14}">{escape(unit)}</text>'
    for k in range(round(top / step) + 1):
        y = panel.y(k * step)
        label = figure(round(k * step, 9), unit)
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text class="tick" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{escape(label)}</text>'


def _gaps(points: Sequence[SeriesPoint], x: Place) -> Iterator[str]:
    wide = x(1) - x(0)
    for i, p in enumerate(points):
        if p.observed is None:
            yield (
                f'<rect class="gap" x="{x(i) - wide / 2:.1f}" y="{TOP}" width="{wide:.1f}" height="{MAIN}">'
                f"<title>{escape(period_name(p.period))}: nothing was observed</title></rect>"
            )


def _line(name: str, values: Sequence[tuple[float, float | None]], panel: _Panel) -> str:
    """Draw a line through the values that are there, interrupted where one is missing; a lone value is a short dash."""
    path, drawing = [], False
    for i, (x, value) in enumerate(values):
        if value is None:
            drawing = False
            continue
        alone = not drawing and (i + 1 == len(values) or values[i + 1][1] is None)
        path.append(f"{'L' if drawing else 'M'}{x - _MARK * alone * 2:.1f} {panel.y(value):.1f}")
        if alone:
            path.append(f"h{_MARK * 4}")
        drawing = True
    return f'<path class="{name}" d="{"".join(path)}"/>' if path else ""


def _mark(point: SeriesPoint, x: float, y: float, unit: str) -> str:
    told = f"<title>{escape(_told(point, unit))}</title>"
    if point.alarm:
        r = _MARK * 2
        corners = f"{x:.1f},{y - r:.1f} {x + r:.1f},{y:.1f} {x:.1f},{y + r:.1f} {x - r:.1f},{y:.1f}"
        return f'<polygon class="alarm" points="{corners}">{told}</polygon>'
    name = "point" if point.evaluated else "blind"
    return f'<circle class="{name}" cx="{x:.1f}" cy="{y:.1f}" r="{_MARK}">{told}</circle>'


def _told(point: SeriesPoint, unit: str) -> str:
    verdict = "alarm" if point.alarm else "no alarm" if point.evaluated else "not evaluated"
    return f"{period_name(point.period)}: {amount(point.observed, unit)}, {verdict}"


def _months(points: Sequence[SeriesPoint], x: Place, y: float) -> Iterator[str]:
    every = math.ceil(len(points) / 9)
    for i in range(len(points) - 1, -1, -every):  # counted from the newest, which always has its name
        yield f'<text class="tick" x="{x(i):.1f}" y="{y}" text-anchor="middle">{escape(str(points[i].period))}</text>'


def _exposure(points: Sequence[SeriesPoint], unit: str) -> Iterator[str]:
    base = TOP + MAIN + FOOT + GAP + EXPOSURE - 8
    tallest = max((p.exposure for p in points if p.exposure is not None), default=0.0) or 1.0
    panel, x = _Panel(base, EXPOSURE / tallest), _across(len(points))
    wide = (x(1) - x(0)) * 0.7
    told = f"Exposure, {unit} (highest {number(tallest)})"
    yield f'<text class="tick" x="{LEFT}" y="{base - EXPOSURE - 8}">{escape(told)}</text>'
    for i, p in enumerate(points):
        if p.exposure is not None:
            yield (
                f'<rect class="exposure" x="{x(i) - wide / 2:.1f}" y="{panel.y(p.exposure):.1f}" width="{wide:.1f}" '
                f'height="{p.exposure * panel.scale:.1f}"><title>{escape(period_name(p.period))}: '
                f"{escape(amount(p.exposure, unit))}</title></rect>"
            )
