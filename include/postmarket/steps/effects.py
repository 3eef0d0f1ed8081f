"""Effects: did the fix bring the number down in the field? Recorded as a proposal, and told to the ticket.

Nothing is closed here: the signal moves by a person's signature only (G5).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from include.postmarket.backlog.text import effect_comment
from include.postmarket.lake import snapshots
from include.postmarket.model.batch import Source
from include.postmarket.model.effect import Effect, KeptEffect
from include.postmarket.model.signal import Detection, Signal
from include.postmarket.model.ticket import KeptStanding, TicketPhase
from include.postmarket.signals.effect import effect_of, first_month
from include.postmarket.steps.detect import indicator_of
from include.postmarket.steps.house import House

_VERSION = "software_version"


def check_effects(house: House, site: str, now: datetime) -> list[str]:
    """Test every fix whose months have come, record the answers and plan their comments; gives the signals' ids.

    What cannot be tested yet (no fix version, not in the field, too few months evaluated by detection) is asked again
    at the next run. Running it again writes nothing twice.
    """
    answered = []
    decided = {
        k.dedupe_key for k in house.effects.all() if k.site == site and k.result.effect is not Effect.NOT_EVALUATED
    }
    done = [k for k in house.standings.latest(site).values() if k.standing.phase is TicketPhase.DONE]
    for kept in done:
        if kept.dedupe_key in decided:
            continue
        for found in _tested(house, kept, now):
            # The comment first: were the process killed between the two, an answer on record would never be told. The
            # ledger takes the same comment once.
            house.tickets.plan_comments(site, [effect_comment(found)], now)
            if house.effects.record(found):
                answered.append(kept.signal_id)
    return answered


def _tested(house: House, kept: KeptStanding, now: datetime) -> Iterator[KeptEffect]:
    """Give the answer for one ticket, nothing while it has to be waited for."""
    signal = house.signals.signal(kept.signal_id)
    dossier = house.dossiers.get(signal.signal.plan_id) if signal else None
    fix = in_field(house, kept.standing.fix_versions, now.date())
    if signal is None or dossier is None or fix is None:
        return
    after = _after(house, signal.signal, fix)
    check = dossier.plan.effect
    if len(after) < check.months:
        return
    indicator = indicator_of(dossier.plan, signal.signal.indicator_id)
    result = effect_of(signal.signal, indicator, after, check)
    yield KeptEffect(site=kept.site, dedupe_key=kept.dedupe_key, signal_id=kept.signal_id, at=now, result=result)


@dataclass(frozen=True, slots=True)
class InField:
    """The software version that brings a fix, and the first day of the month from which it was in use."""

    version: str
    since: date


def in_field(house: House, versions: Sequence[str], today: date) -> InField | None:
    """Give the last of these software versions to come into use, by the exposure; None: one has not, or there is none.

    The exposure knows months, so the day is the first of the month in which that version appeared.
    """
    if not versions:
        return None
    snapshot = snapshots.take(house.batches, today)
    rows = snapshots.read(house.lake, snapshot, Source.EXPOSURE).execute()
    used = rows[(rows["units_in_use"].fillna(0) > 0) | (rows["device_days"].fillna(0) > 0)]
    first = used.groupby(_VERSION)["period"].min()
    if any(version not in first.index for version in versions):
        return None
    last = max(versions, key=lambda version: first[version])
    return InField(last, date(first[last].year, first[last].month, first[last].day))


def _after(house: House, signal: Signal, fix: InField) -> tuple[Detection, ...]:
    """Give the newest detections of the months in a row since the fix was in the field, as far as there are any.

    A signal about one software version is looked for in the version that brings the fix, not in the old one.
    """
    about_version = signal.subgroup.startswith(f"{_VERSION}=")
    subgroup = f"{_VERSION}={fix.version}" if about_version else signal.subgroup
    series = replace(signal.opened_by, subgroup=subgroup).fingerprint
    told = {d.period: d for _, d in house.detections.history(series) if d.method == signal.opened_by.method}
    month, found = first_month(fix.since), []
    while month in told:
        found.append(told[month])
        month = month.next()
    return tuple(found)
