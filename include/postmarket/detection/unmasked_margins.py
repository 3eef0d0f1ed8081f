"""Expected counts that raised pairs cannot hide: product and event effects estimated from the background alone.

True signals raise the margins of their product and event and so hide their neighbours (masking, Wang 2010), and the
largest pairs of a margin, whose rates stray as much as any, decide it nearly alone. Here the effect of a product solves
sum_j t w (n - E) = 0 over all its events, with t the probability that a pair is background and w = 1 / (1 + E / a) what
a background of shape a makes a count worth; the effects of events likewise, in turn. A pair's own count is left out of
what is expected of it: the pair is then judged by P(n | all others), and the relative variance of the estimate is about
one over the weighted counts that it rests on.

Pairs without a report count as well and are too many to list: for them t w E is a function of E alone, which is added
up over bands of products and events.
"""

from dataclasses import dataclass

import numpy as np

from include.postmarket.detection.rate_mixture import RateModel, UncertainCounts, unseen_background
from include.postmarket.detection.shapes import FloatArray, IntArray, Pairs
from include.postmarket.detection.squashing import band

_WIDTH = 0.1  # of the bands, in the log
_PSEUDO = 0.5  # reports added to both sides of an effect, so that one without any background keeps a finite place


@dataclass(frozen=True, slots=True)
class Margins:
    """Pairs by compact codes and how each margin is corrected: expected = ``pairs.expected`` times both effects."""

    pairs: Pairs
    product: IntArray
    event: IntArray
    product_effect: FloatArray
    event_effect: FloatArray

    @property
    def expected(self) -> FloatArray:
        """The expected count of each pair as background, shape (P,), its own count included."""
        effects = self.product_effect[self.product] * self.event_effect[self.event]
        return np.asarray(self.pairs.expected * effects)


@dataclass(frozen=True, slots=True)
class _Side:
    """Of each product (or event): weighted background reports ``seen``, and as many ``due`` by the effects so far."""

    seen: FloatArray
    due: FloatArray


@dataclass(frozen=True, slots=True)
class _Shares:
    """What each pair adds to both of its margins, shape (P,): weighted reports, and as many expected."""

    seen: FloatArray
    due: FloatArray


def plain(pairs: Pairs) -> Margins:
    """Give the margins as counted."""
    product, product_place = np.unique(pairs.product, return_inverse=True)
    event, event_place = np.unique(pairs.event, return_inverse=True)
    return Margins(pairs, product_place, event_place, np.ones(len(product)), np.ones(len(event)))


def plain_counts(pairs: Pairs) -> UncertainCounts:
    """Give the counts against margins as counted, which are as uncertain as Poisson counts are."""
    return UncertainCounts(pairs.n, pairs.expected, 1 / pairs.product_total + 1 / pairs.event_total)


def unmask(margins: Margins, model: RateModel, background: FloatArray) -> tuple[Margins, UncertainCounts]:
    """Estimate both effects anew and give each pair's count against what all the others say to expect.

    ``background`` is the probability of each pair to be background, shape (P,).
    """
    for axis in (0, 1):
        side = _side(margins, model, _shares(margins, model, background), axis)
        factor = (side.seen + _PSEUDO) / (side.due + _PSEUDO)
        margins = Margins(
            margins.pairs,
            margins.product,
            margins.event,
            margins.product_effect * factor if axis == 0 else margins.product_effect,
            margins.event_effect * factor if axis == 1 else margins.event_effect,
        )
    own = _shares(margins, model, background)
    expected, variance = margins.expected, np.zeros(len(background))
    for axis, code in enumerate((margins.product, margins.event)):
        side = _side(margins, model, own, axis)
        others_seen = np.maximum(side.seen[code] - own.seen, 0.0) + _PSEUDO
        others_due = np.maximum(side.due[code] - own.due, 0.0) + _PSEUDO
        expected *= others_seen / others_due
        variance += 1 / others_seen
    return margins, UncertainCounts(margins.pairs.n, expected, variance)


def _shares(margins: Margins, model: RateModel, background: FloatArray) -> _Shares:
    expected = margins.expected
    worth = background / (1 + expected / model.background_shape)
    return _Shares(worth * margins.pairs.n, worth * expected)


def _side(margins: Margins, model: RateModel, own: _Shares, axis: int) -> _Side:
    """Add up a margin over all pairs of each product (``axis`` 0) or event (1), those without a report among them."""
    products = _margin(margins.product, margins.pairs.product_total) * margins.product_effect / margins.pairs.total
    events = _margin(margins.event, margins.pairs.event_total) * margins.event_effect
    code, lines, crossed = ((margins.product, products, events), (margins.event, events, products))[axis]
    line, (level, many) = _grid(np.log(lines)), _levels(crossed)
    cells, expected = line[:, np.newaxis] + np.log(level), np.log(margins.expected)
    at = _grid(np.array([cells.min(), cells.max(), expected.min(), expected.max()]))
    due = unseen_background(model, np.exp(at)) * np.exp(at) / (1 + np.exp(at) / model.background_shape)
    unseen = np.interp(np.log(lines), line, np.interp(cells, at, due) @ many)
    # Of the pairs with a report, what they add themselves takes the place of what they would add without one.
    seen = own.due - np.interp(expected, at, due)
    return _Side(_sums(code, own.seen), np.maximum(unseen + _sums(code, seen), 0.0))


def _sums(code: IntArray, values: FloatArray) -> FloatArray:
    return np.bincount(code, values).astype(np.float64)


def _margin(code: IntArray, total: FloatArray) -> FloatArray:
    """Give the margin of each compact code."""
    margin = np.empty(int(code.max()) + 1)
    margin[code] = total
    return margin


def _grid(values: FloatArray) -> FloatArray:
    return np.arange(values.min(), values.max() + _WIDTH, _WIDTH)


def _levels(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give the mean of the values in each band that holds any, and how many it holds."""
    bands = band(values, _WIDTH)
    _, place = np.unique(bands, return_inverse=True)
    many = np.bincount(place).astype(np.float64)
    return np.bincount(place, values) / many, many
