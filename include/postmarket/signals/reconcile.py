"""From the alarms of a run and the signals already known to what is new: opened, persisted, reopened, or nothing (G3).

Every alarm of the run ends in exactly one of ``opened``, ``reopened``, ``persisted``, ``attached``, ``withheld`` and
``repeated``; every open signal that did not alarm is ``quiet`` or ``unevaluated`` (G7). The answer depends on the sets
of detections and known signals alone, never on their order, and giving it again to the book it produced adds nothing.

The rules for one key, by the state of its latest epoch:

- none: epoch 1 opens;
- open: the alarm persists, once per period; older than the opening one it changes nothing;
- closed as confirmed, in a later period: a new epoch;
- closed as refuted or not validated: a new epoch only for materially more evidence (`strength.materially_more`) or a
  higher priority than the refuted one had; else withheld, with the reason. ``not_validated`` has no way back in the
  lifecycle, so the old epoch stays what it is and only the new one starts.

Against alarm fatigue, for the series of all and its subgroups in one period (`_place_together`):

- more than half of the evaluated subgroups, and at least two, alarm together with the series of all: the problem is
  general, one signal for all carries it and subgroups without a signal of their own are attached to it;
- else, when the series of all would be within its limit had the alarming subgroups had what they expected, they
  explain it: their signals carry it and the alarm of all is attached, unless it has a signal of its own;
- else both open: there is more in the total than the subgroups show.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from include.postmarket.model.errors import InputError, IntegrityError
from include.postmarket.model.period import Period
from include.postmarket.model.plan import Indicator, Plan
from include.postmarket.model.risk import RiskFile
from include.postmarket.model.signal import Detection, Priority, Signal, SignalState
from include.postmarket.model.stamp import Stamp
from include.postmarket.signals.lifecycle import is_open
from include.postmarket.signals.priority import Novelty, Urgency, prioritise
from include.postmarket.signals.reconciliation import KnownSignal, Reconciliation, Reopening, Sighting, Unevaluated
from include.postmarket.signals.strength import excess, materially_more
from include.postmarket.signals.subgroups import explains, is_general

_RANK = {Priority.LOW: 0, Priority.MEDIUM: 1, Priority.HIGH: 2}


def reconcile(
    plan: Plan,
    risk_file: RiskFile,
    detections: tuple[Detection, ...],
    book: tuple[KnownSignal, ...],
    stamp: Stamp,
) -> Reconciliation:
    """Give what the detections of one run of a plan mean for the signals known; signals of other plans are left out.

    Raises InputError for detections of another plan, of an indicator the plan does not have, or for two that differ at
    the same point and method; IntegrityError for a book that holds one signal twice.
    """
    points = _distinct(plan, detections)
    desk = _Desk(plan=plan, risk_file=risk_file, stamp=stamp)
    for known in sorted(book, key=lambda known: (known.signal.epoch, known.signal.fingerprint)):
        if known.signal.plan_id == plan.id:
            desk.file(known)
    by_question: dict[tuple[Period, str], list[Detection]] = defaultdict(list)
    for detection in points:
        by_question[detection.period, detection.indicator_id].append(detection)
    for question in sorted(by_question):
        _place_together(desk, by_question[question])
    quiet, unevaluated = _not_alarming(book, points, plan.id)
    return Reconciliation(
        opened=tuple(desk.opened),
        reopened=tuple(desk.reopened),
        persisted=tuple(desk.persisted),
        attached=tuple(desk.attached),
        withheld=tuple(desk.withheld),
        repeated=tuple(desk.repeated),
        quiet=quiet,
        unevaluated=unevaluated,
        urgencies=desk.urgencies,
    )


@dataclass(slots=True)
class _Track:
    """The latest epoch of one key, while the run is worked through."""

    signal: Signal
    state: SignalState
    own: list[Detection]

    @property
    def periods(self) -> set[Period]:
        return {detection.period for detection in self.own}


@dataclass(slots=True)
class _Desk:
    """Where one run's alarms are sorted, oldest period first."""

    plan: Plan
    risk_file: RiskFile
    stamp: Stamp
    tracks: dict[str, _Track] = field(default_factory=dict)
    on_record: dict[str, str] = field(default_factory=dict)  # detection key -> signal id
    opened: list[Signal] = field(default_factory=list)
    reopened: list[Reopening] = field(default_factory=list)
    persisted: list[Sighting] = field(default_factory=list)
    attached: list[Sighting] = field(default_factory=list)
    withheld: list[Sighting] = field(default_factory=list)
    repeated: list[Sighting] = field(default_factory=list)
    urgencies: dict[str, str] = field(default_factory=dict)

    def file(self, known: KnownSignal) -> None:
        """Take one known signal; the latest epoch of a key is the one that counts."""
        signal = known.signal
        track = self.tracks.get(signal.fingerprint)
        if track is not None and track.signal.epoch == signal.epoch:
            raise IntegrityError(
                f"signal {signal.id} is in the book twice",
                where="book of signals",
                todo="find out which of the two is the record before any alarm is reconciled",
            )
        self.tracks[signal.fingerprint] = _Track(signal, known.state, list(known.own))
        self.on_record |= {detection.key: signal.id for detection in (*known.own, *known.alarms)}

    def is_new_key(self, alarm: Detection) -> bool:
        """Say whether no signal of this key was ever opened and the alarm is not on record with another one."""
        return alarm.fingerprint not in self.tracks and alarm.key not in self.on_record

    def carrier(self, alarm: Detection) -> str:
        """Give the id of the open signal that has this alarm on record; empty when there is none."""
        track = self.tracks.get(alarm.fingerprint)
        if track is None or not is_open(track.state) or self.on_record.get(alarm.key) != track.signal.id:
            return ""
        return track.signal.id

    def place(self, alarm: Detection) -> None:
        """Decide what one alarm means by the rules for its key."""
        track = self.tracks.get(alarm.fingerprint)
        if alarm.key in self.on_record:
            self._note(self.repeated, self.on_record[alarm.key], alarm, "already on record")
        elif track is None:
            self._open(alarm, Novelty.NEW, epoch=1)
        elif is_open(track.state):
            self._persist(alarm, track)
        else:
            self._judge_again(alarm, track)

    def attach(self, alarm: Detection, signal_ids: tuple[str, ...], why: str) -> None:
        """Give an alarm to signals of other keys as context."""
        for signal_id in signal_ids:
            self._note(self.attached, signal_id, alarm, why)
        self.on_record[alarm.key] = signal_ids[0]

    def _persist(self, alarm: Detection, track: _Track) -> None:
        if alarm.period < track.signal.opened_by.period:
            self._note(self.repeated, track.signal.id, alarm, "older than the alarm that opened the signal")
            return
        if alarm.period in track.periods:
            self.attach(alarm, (track.signal.id,), "another method alarmed in a period already on record")
            return
        self._note(self.persisted, track.signal.id, alarm, "alarmed again while the signal is open")
        track.own.append(alarm)
        self.on_record[alarm.key] = track.signal.id

    def _judge_again(self, alarm: Detection, track: _Track) -> None:
        if alarm.period <= max(track.periods):
            self._note(self.repeated, track.signal.id, alarm, "not later than the alarms of the signal that is over")
        elif track.state in {SignalState.CLOSED_CONFIRMED, SignalState.REOPENED}:
            self._reopen(alarm, track, Novelty.CAME_BACK, "alarms again after close")
        else:
            why = self._more_than_refuted(alarm, track)
            if why:
                self._reopen(alarm, track, Novelty.WAS_REFUTED, why)
            else:
                self._note(self.withheld, track.signal.id, alarm, f"{track.state}, and not materially more evidence")

    def _more_than_refuted(self, alarm: Detection, track: _Track) -> str:
        urgency = self._urgency(alarm, Novelty.WAS_REFUTED)
        if _RANK[urgency.priority] > _RANK[track.signal.priority]:
            return f"priority {urgency.priority} is higher than the {track.signal.priority} it had"
        return materially_more(alarm, tuple(track.own))

    def _reopen(self, alarm: Detection, track: _Track, novelty: Novelty, why: str) -> None:
        signal = self._make(alarm, novelty, epoch=track.signal.epoch + 1)
        self.reopened.append(Reopening(previous_id=track.signal.id, state=track.state, signal=signal, why=why))

    def _open(self, alarm: Detection, novelty: Novelty, epoch: int) -> None:
        self.opened.append(self._make(alarm, novelty, epoch))

    def _make(self, alarm: Detection, novelty: Novelty, epoch: int) -> Signal:
        indicator = _indicator(self.plan, alarm)
        urgency = self._urgency(alarm, novelty)
        signal = Signal(
            fingerprint=alarm.fingerprint,
            epoch=epoch,
            plan_id=alarm.plan_id,
            indicator_id=alarm.indicator_id,
            title=f"{indicator.title} ({alarm.subgroup})" if alarm.subgroup else indicator.title,
            subgroup=alarm.subgroup,
            priority=urgency.priority,
            requirements=indicator.requirements,
            risks=indicator.risks,
            opened_by=alarm,
            stamp=self.stamp,
        )
        self.urgencies[signal.id] = urgency.reason
        self.tracks[alarm.fingerprint] = _Track(signal, SignalState.DETECTED, [alarm])
        self.on_record[alarm.key] = signal.id
        return signal

    def _urgency(self, alarm: Detection, novelty: Novelty) -> Urgency:
        return prioritise(alarm, _indicator(self.plan, alarm), self.risk_file, novelty)

    def _note(self, where: list[Sighting], signal_id: str, alarm: Detection, why: str) -> None:
        where.append(Sighting(signal_id=signal_id, detection=alarm, why=why))


def _distinct(plan: Plan, detections: tuple[Detection, ...]) -> tuple[Detection, ...]:
    found: dict[str, Detection] = {}
    for detection in detections:
        if detection.plan_id != plan.id:
            raise InputError(
                f"a detection of plan {detection.plan_id} in a run of plan {plan.id}",
                where="reconcile",
                todo="reconcile each plan with its own detections",
            )
        _indicator(plan, detection)
        if found.setdefault(detection.key, detection) != detection:
            raise InputError(
                f"two detections of {detection.indicator_id} in {detection.period} by {detection.method} differ",
                where="reconcile",
                todo="give the detections of one run on one snapshot",
            )
    return tuple(found.values())


def _indicator(plan: Plan, detection: Detection) -> Indicator:
    for indicator in plan.indicators:
        if indicator.id == detection.indicator_id:
            return indicator
    raise InputError(
        f"plan {plan.id}@{plan.version} has no indicator {detection.indicator_id}",
        where="reconcile",
        todo="detect with the plan version that is reconciled",
    )


def _place_together(desk: _Desk, detections: list[Detection]) -> None:
    """Place the alarms of one indicator and period, the series of all and its subgroups judged together."""
    alarms = sorted((d for d in detections if d.evaluated and d.alarm), key=_strongest_first)
    parts = [alarm for alarm in alarms if alarm.subgroup]
    whole = [alarm for alarm in alarms if not alarm.subgroup]
    if whole and is_general(detections, parts):
        _place_general(desk, whole, parts)
        return
    for part in parts:
        desk.place(part)
    carriers = {desk.carrier(part): part for part in parts}
    carriers.pop("", None)
    for alarm in whole:
        if desk.is_new_key(alarm) and explains(_indicator(desk.plan, alarm), alarm, tuple(carriers.values())):
            desk.attach(alarm, tuple(carriers), "explained by the subgroups that alarm")
        else:
            desk.place(alarm)


def _place_general(desk: _Desk, whole: list[Detection], parts: list[Detection]) -> None:
    for alarm in whole:
        desk.place(alarm)
    carrier = desk.carrier(whole[0])
    for part in parts:
        if carrier and desk.is_new_key(part):
            desk.attach(part, (carrier,), "most subgroups alarm together: the problem is general")
        else:
            desk.place(part)


def _strongest_first(alarm: Detection) -> tuple[float, str, str]:
    distance = excess(alarm)
    return (-distance if distance is not None else 0.0, alarm.subgroup, alarm.method)


def _not_alarming(
    book: tuple[KnownSignal, ...], points: tuple[Detection, ...], plan_id: str
) -> tuple[tuple[Sighting, ...], tuple[Unevaluated, ...]]:
    """Give the open signals whose newest point of this run is without alarm, and those that could not be evaluated."""
    newest: dict[str, Detection] = {}
    for detection in sorted(points, key=lambda d: (d.period, d.alarm, d.evaluated, d.method)):
        newest[detection.fingerprint] = detection
    quiet: list[Sighting] = []
    unevaluated: list[Unevaluated] = []
    for known in sorted(book, key=lambda known: known.signal.id):
        if known.signal.plan_id != plan_id or not is_open(known.state):
            continue
        point = newest.get(known.signal.fingerprint)
        if point is None:
            unevaluated.append(Unevaluated(signal_id=known.signal.id, reason="the run has no series for this signal"))
        elif not point.evaluated:
            unevaluated.append(Unevaluated(signal_id=known.signal.id, reason=point.reason))
        elif not point.alarm and point.period > known.last_period:
            quiet.append(Sighting(signal_id=known.signal.id, detection=point, why="evaluated, no alarm"))
    return tuple(quiet), tuple(unevaluated)
