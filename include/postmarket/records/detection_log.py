"""The log of detections: what every run said of every point, under the run's stamp."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select

from include.postmarket.model.errors import IntegrityError
from include.postmarket.model.period import Cadence, Period
from include.postmarket.model.signal import Detection
from include.postmarket.model.stamp import Stamp
from include.postmarket.records.audit import lock
from include.postmarket.records.codec import decode, encode
from include.postmarket.records.engine import reading, writing
from include.postmarket.records.sealed import Act, add_rows
from include.postmarket.records.tables import detections, runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of detection: the plan and the period it was for, and its stamp."""

    plan_id: str
    period: Period
    stamp: Stamp


class DetectionLog:
    """Runs and their detections, append-only. The same run may be written again, with the same answer only (G2)."""

    def __init__(self, engine: Engine, actor: str = "postmarket") -> None:
        self._engine = engine
        self._actor = actor

    def record(self, run: Run, found: Sequence[Detection], now: datetime) -> int:
        """Write a run with its detections in one transaction; gives how many are new (0 when written before).

        Raises IntegrityError when the run is on record with another stamp, period or answer to one of the points.
        """
        with writing(self._engine) as connection:
            lock(connection)
            self._record_run(connection, run, now)
            known = _by_key(connection, run.stamp.run_id)
            new = {d.key: d for d in found if not _known(known, d, run.stamp.run_id)}
            _refuse_two_answers(new, found, run.stamp.run_id)
            if new:
                rows = [
                    {"run_id": run.stamp.run_id, "key": key, "fingerprint": d.fingerprint, "detection": d}
                    for key, d in new.items()
                ]
                act = Act(at=now, actor=self._actor, action="record detections", subject=run.stamp.run_id)
                add_rows(connection, detections, rows, act)
            return len(new)

    def run(self, run_id: str) -> Run | None:
        """Give a run, None when it is not on record."""
        with reading(self._engine) as connection:
            return _run(connection, run_id)

    def runs(self, plan_id: str) -> tuple[Run, ...]:
        """Give all runs of a plan in the order they were recorded."""
        query = select(runs).where(runs.c.plan_id == plan_id).order_by(runs.c.audit)
        with reading(self._engine) as connection:
            return tuple(_run_of(row._mapping) for row in connection.execute(query))  # noqa: SLF001 - public API

    def detections(self, run_id: str) -> tuple[Detection, ...]:
        """Give the detections of a run in the order they were recorded; empty when the run found or recorded none."""
        query = select(detections.c.detection).where(detections.c.run_id == run_id).order_by(detections.c.number)
        with reading(self._engine) as connection:
            return tuple(decode(Detection, stored) for stored in connection.execute(query).scalars())

    def history(self, fingerprint: str) -> tuple[tuple[Run, Detection], ...]:
        """Give everything that was said of one fingerprint, with the run that said it, oldest first."""
        query = select(detections.c.detection, *runs.c).join(runs).where(detections.c.fingerprint == fingerprint)
        with reading(self._engine) as connection:
            found = connection.execute(query.order_by(detections.c.number))
            return tuple((_run_of(row._mapping), decode(Detection, row.detection)) for row in found)  # noqa: SLF001 - public API

    def _record_run(self, connection: Connection, run: Run, now: datetime) -> None:
        known = _run(connection, run.stamp.run_id)
        if known == run:
            return
        if known is not None:
            raise IntegrityError(
                f"run {run.stamp.run_id} is on record with another stamp or period",
                where="detection log",
                todo="give every run an id of its own; a retry keeps id, as-of, snapshot, plan and code",
            )
        row = {
            "run_id": run.stamp.run_id,
            "plan_id": run.plan_id,
            "period_start": run.period.start,
            "cadence": run.period.cadence.value,
            "stamp": run.stamp,
            "recorded_at": now,
        }
        act = Act(at=now, actor=self._actor, action="record run", subject=run.stamp.run_id)
        add_rows(connection, runs, [row], act)


def _run(connection: Connection, run_id: str) -> Run | None:
    row = connection.execute(select(runs).where(runs.c.run_id == run_id)).mappings().first()
    return None if row is None else _run_of(row)


def _run_of(row: Mapping[Any, Any]) -> Run:
    period = Period(row["period_start"], Cadence(row["cadence"]))
    return Run(plan_id=row["plan_id"], period=period, stamp=decode(Stamp, row["stamp"]))


def _by_key(connection: Connection, run_id: str) -> dict[str, str]:
    query = select(detections.c.key, detections.c.detection).where(detections.c.run_id == run_id)
    return {row.key: encode(row.detection) for row in connection.execute(query)}


def _known(known: Mapping[str, str], detection: Detection, run_id: str) -> bool:
    """Say whether a detection is on record; another answer of the same run to the same point breaks G2."""
    stored = known.get(detection.key)
    if stored is not None and stored != encode(detection):
        raise _two_answers(detection, run_id)
    return stored is not None


def _refuse_two_answers(new: Mapping[str, Detection], found: Sequence[Detection], run_id: str) -> None:
    for detection in found:
        if new.get(detection.key, detection) != detection:
            raise _two_answers(detection, run_id)


def _two_answers(detection: Detection, run_id: str) -> IntegrityError:
    return IntegrityError(
        f"run {run_id} gives two answers for {detection.indicator_id} {detection.period} by {detection.method}",
        where="detection log",
        todo="a run must be repeatable to the last bit: find what differs between the two tries",
    )
