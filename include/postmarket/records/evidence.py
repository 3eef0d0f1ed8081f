"""What a run saw: the results of checks by their hash, and the snapshots."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from include.postmarket.model.batch import Snapshot
from include.postmarket.records.audit import lock
from include.postmarket.records.codec import decode, digest_of
from include.postmarket.records.engine import reading, writing
from include.postmarket.records.sealed import Act, add_rows
from include.postmarket.records.tables import check_results, snapshots


class Evidence:
    """Check results and snapshots, kept once under the hash of what they say."""

    def __init__(self, engine: Engine, actor: str = "postmarket") -> None:
        self._engine = engine
        self._actor = actor

    def keep(self, results: Mapping[str, Any], now: datetime) -> str:
        """Keep the results of the checks of a batch and give their SHA-256; the same results are kept once."""
        sha256 = digest_of(results)
        with writing(self._engine) as connection:
            lock(connection)
            known = select(check_results.c.sha256).where(check_results.c.sha256 == sha256)
            if connection.execute(known).first() is None:
                row = {"sha256": sha256, "stored_at": now, "evidence": results}
                add_rows(connection, check_results, [row], self._act("keep check results", sha256, now))
        return sha256

    def results(self, sha256: str) -> dict[str, Any] | None:
        """Give the results kept under a hash, None when there are none."""
        with reading(self._engine) as connection:
            return connection.execute(select(check_results.c.evidence).where(check_results.c.sha256 == sha256)).scalar()

    def keep_snapshot(self, snapshot: Snapshot, now: datetime) -> str:
        """Keep a snapshot and give its SHA-256; the same snapshot is kept once."""
        with writing(self._engine) as connection:
            lock(connection)
            known = select(snapshots.c.sha256).where(snapshots.c.sha256 == snapshot.sha256)
            if connection.execute(known).first() is None:
                row = {
                    "sha256": snapshot.sha256,
                    "as_of": snapshot.as_of,
                    "batches": snapshot.batches,
                    "taken_at": now,
                }
                add_rows(connection, snapshots, [row], self._act("keep snapshot", snapshot.sha256, now))
        return snapshot.sha256

    def snapshot(self, sha256: str) -> Snapshot | None:
        """Give the snapshot of a hash, its batches in the order they were kept in; None when there is none."""
        query = select(snapshots.c.as_of, snapshots.c.batches).where(snapshots.c.sha256 == sha256)
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        return None if row is None else decode(Snapshot, {"as_of": row.as_of.isoformat(), "batches": row.batches})

    def _act(self, action: str, subject: str, now: datetime) -> Act:
        return Act(at=now, actor=self._actor, action=action, subject=subject)
