"""Pull, land, check and accept: from a source to the lake, with every row accounted for (G1)."""

import dataclasses
from datetime import date, datetime, timedelta

import pandas as pd

from include.postmarket.checks import codes
from include.postmarket.checks.result import History, Limits
from include.postmarket.checks.run import check
from include.postmarket.checks.usual import LOOK_BACK
from include.postmarket.lake import accept, batches, landing, snapshots
from include.postmarket.model.batch import Label, Landing, Media, Outcome, Source, Window
from include.postmarket.model.errors import ConfigurationError, InputError
from include.postmarket.model.period import Period
from include.postmarket.sources.register import SHAPES
from include.postmarket.sources.reports import keep_earlier_text
from include.postmarket.sources.shape import AS_IT_IS
from include.postmarket.steps.house import House
from include.postmarket.steps.landings import keep_landing, landing_of
from include.postmarket.steps.pulling import Ways, pull
from include.postmarket.steps.source_places import load_places, place_of


def pull_window(period: Period, begin: str) -> Window:
    """Give the days to pull for a period: its own, or from the earlier day ``begin`` (YYYY-MM-DD, or empty) on.

    Raises ConfigurationError when ``begin`` is no day or lies after the first day of the period.
    """
    try:
        start = date.fromisoformat(begin) if begin else period.start
    except ValueError:
        start = date.max
    if start > period.start:
        raise ConfigurationError(
            f"{begin!r} is no day up to {period.start}, the first of the period",
            where="first day to pull",
            todo="give a day as YYYY-MM-DD, the first of the period or an earlier one, or leave it out",
        )
    return Window(start, period.end)


def sources_of(house: House) -> tuple[Source, ...]:
    """Give the sources that the site has, those that every site needs first."""
    return tuple(load_places(house.settings.sources))


def land_source(house: House, source: Source, window: Window, now: datetime) -> Landing:
    """Pull a source for a window and keep the bytes; the same bytes for the same days are the same batch.

    The window begins earlier by the days that the place overlaps: what is known already is superseded, what was
    changed meanwhile is not missed. Raises InputError when there is nothing to read, UnavailableError when the source
    does not answer, ConfigurationError when the site does not have it.
    """
    place = place_of(house.settings.sources, source)
    window = Window(window.start - timedelta(days=place.overlap_days), window.end)
    ways = Ways(
        downloads=house.settings.home / "downloads",
        addresses=house.addresses,
        openfda_key=house.settings.openfda_key,
    )
    landed = landing.land(house.lake.store, pull(source, place, window, ways), source, window, now)
    return keep_landing(house, landed)


def accept_batch(house: House, batch: str, now: datetime) -> Outcome:
    """Check the rows of a landed batch, give each its place, and publish; a published batch is left as it is.

    A stopped batch that a person has let through gives the outcome of that.
    Raises InputError when the bytes are no file of the source, or when the batch stopped: it then waits for a person,
    its rows in quarantine. Raises UnavailableError while another pull of the source is being accepted.
    """
    landed = landing_of(house, batch)
    outcome = house.batches.outcome(batch) or _settle(house, landed, now)
    return _let_through(house, outcome) if outcome.stopped else outcome


def _settle(house: House, landed: Landing, now: datetime) -> Outcome:
    rows = _rows(house, landed)
    with house.batches.alone(landed.source):
        published = house.batches.outcome(landed.batch)
        if published is not None:
            return published
        known = batches.known(house.lake, landed.source, rows)
        if landed.source is Source.REPORTS:
            rows = keep_earlier_text(rows, known.accepted)
        taken = accept.take(rows, landed, known)
        history = _history(house, landed.source)
        result = check(taken.rows, landed, history, _limits(house, landed.source), codes.load())
        settled = accept.stop(taken, result.failed) if result.stopped else accept.settle(taken, result.failed, known)
        evidence = house.evidence.keep(result.evidence, now)
        outcome = batches.outcome_of(landed, settled, result.stopped, evidence)
        batches.write(house.lake, landed, settled)
        house.batches.publish(outcome, now)
    return outcome


def _history(house: House, source: Source) -> History:
    """Give what earlier pulls were like; a stopped one and single rows of the quarantine desk say nothing of it."""
    outcomes = house.batches.outcomes(source)[-4 * LOOK_BACK :]
    kept = [o.evidence for o in outcomes if not o.stopped and o.landing.media is not Media.DESK_ROWS][-LOOK_BACK:]
    found = [house.evidence.results(sha256) or {} for sha256 in kept]
    return History(
        per_day=snapshots.volumes(house.batches, source), profiles=tuple(f["profile"] for f in found if "profile" in f)
    )


def _let_through(house: House, stopped: Outcome) -> Outcome:
    """Give what a stopped batch became by a person's decision. Raises InputError when it waits or was rejected."""
    landed = stopped.landing
    decision = next((d for d in house.batches.decisions(landed.source) if d.batch == landed.batch), None)
    became = house.batches.outcome(decision.became) if decision else None
    if became is not None:
        return became
    rows = f"{stopped.pulled} rows of {landed.source.value}"
    where = f"{landed.origin}, {landed.window.start} to {landed.window.end}, batch {landed.batch}"
    if decision is not None:
        raise InputError(f"{rows} were rejected by a person", where=where, todo="mend the source and pull again")
    raise InputError(
        f"{rows} wait for a person: {stopped.stopped}",
        where=where,
        todo=f"read the check report (`python -m include.postmarket checks report {landed.batch}`), then mend the "
        f"source and pull again, or decide (`python -m include.postmarket quarantine release {landed.batch}`)",
    )


def _rows(house: House, landed: Landing) -> pd.DataFrame:
    """Give the rows of a landed batch. Raises InputError, naming the file, when the bytes are none of the source."""
    try:
        return _read(house, landed, landing.content(house.lake.store, landed))
    except InputError as error:
        where = f"{landed.origin}, {landed.window.start} to {landed.window.end}, batch {landed.batch}"
        raise InputError(error.what, where=where, todo=error.todo) from error


def _read(house: House, landed: Landing, content: bytes) -> pd.DataFrame:
    place = load_places(house.settings.sources).get(landed.source)
    asked = AS_IT_IS if place is None else place.asked
    listed = landed.window.end - timedelta(days=1)
    return SHAPES[landed.source].read(content, landed.media, dataclasses.replace(asked, listed=listed))


def _limits(house: House, source: Source) -> Limits:
    """Give the strictest limit of the plans that use a source."""
    using = [
        d.plan.quarantine_limit
        for d in house.dossiers.values()
        if any(i.source is source or (source is Source.EXPOSURE and i.denominator) for i in d.plan.indicators)
    ]
    return Limits(quarantine_share=min(using, default=1.0))


def labels_of(house: House, source: Source) -> frozenset[Label]:
    """Give how far a source's accepted data may be trusted: the labels of its batches."""
    return frozenset(o.landing.label for o in house.batches.outcomes(source) if o.accepted)
