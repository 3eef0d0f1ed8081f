"""The shapes of a reconciliation: the book of known signals goes in, what a run means for it comes out."""

from dataclasses import dataclass

from include.postmarket.model.period import Period
from include.postmarket.model.signal import Detection, Signal, SignalState


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSignal:
    """A signal of the book: its state, and the alarms recorded for it since (persisted and attached ones)."""

    signal: Signal
    state: SignalState
    alarms: tuple[Detection, ...] = ()

    @property
    def own(self) -> tuple[Detection, ...]:
        """The alarms of this signal's own key, the opening one first; alarms attached from other keys are left out."""
        fingerprint = self.signal.fingerprint
        return (self.signal.opened_by, *(alarm for alarm in self.alarms if alarm.fingerprint == fingerprint))

    @property
    def last_period(self) -> Period:
        """The last period in which the signal's own key is on record with an alarm."""
        return max(alarm.period for alarm in self.own)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A detection and the signal it belongs to; ``why`` says what was decided of it, for people."""

    signal_id: str
    detection: Detection
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopening:
    """A new epoch of a key whose earlier signal is over; ``state`` is that earlier signal's state until now."""

    previous_id: str
    state: SignalState
    signal: Signal
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unevaluated:
    """An open signal that the run could not look at, and why (G7)."""

    signal_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """What a run means for the book. ``urgencies`` says of each new signal's id why it has its priority."""

    opened: tuple[Signal, ...]
    reopened: tuple[Reopening, ...]
    persisted: tuple[Sighting, ...]
    attached: tuple[Sighting, ...]
    withheld: tuple[Sighting, ...]
    repeated: tuple[Sighting, ...]
    quiet: tuple[Sighting, ...]
    unevaluated: tuple[Unevaluated, ...]
    urgencies: dict[str, str]
