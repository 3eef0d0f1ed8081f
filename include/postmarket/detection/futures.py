"""Futures of series as their own histories lead to expect them, without a change and with a rise: seeded draws.

Past and future of every replicate are drawn, so that what a method learns from the past is as uncertain as it really
is; what has happened already is not carried over. A rise by a factor adds to the same draws: counts with mean m and
variance phi m add up to such counts (their size m/(phi - 1) is additive), so that every higher rise has at least the
events of every lower one, and what is seen grows smoothly with it (common random numbers).
"""

from dataclasses import dataclass, replace

import numpy as np

from include.postmarket.detection.negative_binomial import NEARLY_POISSON
from include.postmarket.detection.ordinary import Ordinary, learn
from include.postmarket.detection.shapes import BoolArray, Counts, FloatArray, IntArray, Reason

#: Rises looked at: 31 of them, each 10.5 % above the one before, up to twenty-fold.
HIGHEST = 20.0
RATIOS: FloatArray = HIGHEST ** np.linspace(0.0, 1.0, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """S series over T past periods and the F ahead, each the sum of some of L parts that are drawn independently.

    ``parts`` are the parts as learnt, ``members`` (S, L) says which of them a series is the sum of. ``series`` are the
    S series as learnt, of which exposure and reasons are used. ``observed`` (S, T) says which past periods were.
    """

    parts: Ordinary
    members: BoolArray
    series: Ordinary
    observed: BoolArray

    @property
    def past(self) -> int:
        """How many of the periods are past."""
        return int(self.observed.shape[1])

    @property
    def ahead(self) -> int:
        """How many periods lie ahead."""
        return int(self.series.mean.shape[1]) - self.past


@dataclass(frozen=True, slots=True, kw_only=True)
class Futures:
    """``counts`` (R, S, T + F) without a change, nan where the past was not observed; ``added`` as `rises` gives it."""

    world: World
    counts: FloatArray
    added: IntArray

    def risen(self, step: IntArray, chosen: IntArray) -> FloatArray:
        """Give the counts (R, len(chosen), T + F') of ``chosen`` series after a rise by ``RATIOS[step]`` each.

        F' is the number of periods that rises were drawn for.
        """
        end = self.world.past + self.added.shape[3]
        counts = self.counts[:, chosen, :end].copy()
        counts[:, :, self.world.past :] += self.added[step, :, chosen].transpose(1, 0, 2)
        return counts


def separate(data: Counts, ahead: int, year_length: float) -> World:
    """Learn series (S, T) that have nothing to do with one another."""
    learnt = learn(data, ahead, year_length)
    return World(
        parts=learnt, members=np.eye(len(data.counts), dtype=np.bool_), series=learnt, observed=~np.isnan(data.counts)
    )


def family(data: Counts, ahead: int, year_length: float) -> World:
    """Learn series of which the first is the total of all others and of what belongs to none of them.

    What belongs to none, or to a series too short to be learnt, is a part of its own, at the total's exposure. Where
    there is only one series it is its own total.
    """
    learnt = learn(data, ahead, year_length)
    own = np.flatnonzero(learnt.reason[1:] == Reason.NONE.value) + 1
    rest = data.counts[0] - np.nansum(data.counts[own], axis=0)
    rest_data = Counts(
        counts=np.maximum(rest, 0.0)[None], exposure=None if data.exposure is None else data.exposure[:1]
    )
    parts = [own]
    kept = _chosen(learnt, own)
    if not own.size or np.nansum(rest) > 0:
        kept = _joined(kept, learn(rest_data, ahead, year_length))
        parts.append(np.array([0]))
    owner = np.concatenate(parts)
    members = owner[None, :] == np.arange(len(data.counts))[:, None]
    members[0] = True
    return World(parts=kept, members=members, series=learnt, observed=~np.isnan(data.counts))


def draw(world: World, replicates: int, rise_periods: int, seed: int) -> Futures:
    """Draw ``replicates`` futures, and what every rise adds in the first ``rise_periods`` of them."""
    generator = np.random.default_rng(seed)
    shape = (replicates, *world.parts.mean.shape)
    mean = np.nan_to_num(world.parts.mean)
    counts = _sum(_drawn(generator, np.broadcast_to(mean, shape), world.parts.dispersion), world.members).astype(float)
    counts[:, :, : world.past][:, ~world.observed] = np.nan
    rising = mean[:, world.past : world.past + rise_periods]
    added = np.zeros((len(RATIOS), replicates, len(world.members), rise_periods), dtype=np.int64)
    for step, more in enumerate(np.diff(RATIOS), start=1):
        extra = _drawn(generator, np.broadcast_to(more * rising, (replicates, *rising.shape)), world.parts.dispersion)
        added[step] = added[step - 1] + _sum(extra, world.members)
    return Futures(world=world, counts=counts, added=added)


def _drawn(generator: np.random.Generator, mean: FloatArray, dispersion: FloatArray) -> IntArray:
    """Draw counts (R, L, T) with these means and variance ``dispersion`` (L,) times as large."""
    scale = np.nan_to_num(dispersion, nan=1.0)[:, None] - 1
    spread = scale > NEARLY_POISSON - 1
    size = mean / np.where(spread, scale, 1.0)
    around = np.where(spread, generator.gamma(size) * scale, mean)
    return generator.poisson(around)


def _sum(parts: IntArray, members: BoolArray) -> IntArray:
    """Add parts (R, L, T) up to series (R, S, T)."""
    return np.stack([parts[:, row].sum(axis=1) for row in members], axis=1)


def _chosen(found: Ordinary, rows: IntArray) -> Ordinary:
    return Ordinary(
        mean=found.mean[rows],
        dispersion=found.dispersion[rows],
        exposure=None if found.exposure is None else found.exposure[rows],
        reason=found.reason[rows],
    )


def _joined(first: Ordinary, second: Ordinary) -> Ordinary:
    exposure = None
    if first.exposure is not None and second.exposure is not None:
        exposure = np.concatenate([first.exposure, second.exposure])
    return replace(
        first,
        mean=np.concatenate([first.mean, second.mean]),
        dispersion=np.concatenate([first.dispersion, second.dispersion]),
        exposure=exposure,
        reason=np.concatenate([first.reason, second.reason]),
    )
