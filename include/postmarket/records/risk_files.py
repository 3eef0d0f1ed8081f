"""The versions of risk files that signed updates led to, each on top of the one before; none is ever overwritten."""

from datetime import datetime

from sqlalchemy import Connection, Engine, select

from include.postmarket.model.canonical import digest
from include.postmarket.model.errors import IntegrityError
from include.postmarket.model.risk import RiskFile
from include.postmarket.records.audit import lock
from include.postmarket.records.codec import decode
from include.postmarket.records.engine import reading, writing
from include.postmarket.records.sealed import Act, add_rows
from include.postmarket.records.signing_tables import risk_file_versions


class RiskFiles:
    """Risk files by id and version, append-only."""

    def __init__(self, engine: Engine, actor: str = "postmarket") -> None:
        self._engine = engine
        self._actor = actor

    def in_force(self, written: RiskFile) -> RiskFile:
        """Give what signed updates have made of the file as it was written, or that file when there are none.

        Raises IntegrityError when the file was changed by hand without a new version, after updates of it were signed.
        """
        with reading(self._engine) as connection:
            return _in_force(connection, written)

    def has(self, update_id: str) -> bool:
        """Say whether the risk file has a version that a signed update led to."""
        wanted = select(risk_file_versions.c.version).where(risk_file_versions.c.update_id == update_id)
        with reading(self._engine) as connection:
            return connection.execute(wanted).first() is not None

    def bring_in_force(self, written: RiskFile, revised: RiskFile, update_id: str, now: datetime) -> bool:
        """Write the next version after the one in force; False when this update's version is written already.

        Raises IntegrityError when another update came first: this one was signed on a version no longer in force.
        """
        with writing(self._engine) as connection:
            lock(connection)
            known = select(risk_file_versions.c.version).where(
                risk_file_versions.c.risk_file_id == revised.id, risk_file_versions.c.update_id == update_id
            )
            if connection.execute(known).scalar() is not None:
                return False
            base = _in_force(connection, written)
            if revised.version != next_version(base.version):
                raise IntegrityError(
                    f"version {revised.version} does not follow version {base.version}, which is in force",
                    where=f"risk file {revised.id}",
                    todo="decide and sign the update again, on the version in force",
                )
            row = {
                "risk_file_id": revised.id,
                "version": revised.version,
                "base_version": base.version,
                "base_sha256": digest(base),
                "update_id": update_id,
                "in_force_at": now,
                "risk_file": revised,
            }
            subject = f"{revised.id}@{revised.version}"
            act = Act(at=now, actor=self._actor, action="bring risk file in force", subject=subject)
            add_rows(connection, risk_file_versions, [row], act)
            return True


def next_version(version: str) -> str:
    """Give the version after one: its last number plus one, or a first one behind a name without numbers."""
    head, _, last = version.rpartition(".")
    if last.isdecimal():
        return f"{head}.{int(last) + 1}" if head else str(int(last) + 1)
    return f"{version}.1"


def _in_force(connection: Connection, written: RiskFile) -> RiskFile:
    found = written
    while True:
        wanted = select(risk_file_versions.c.base_sha256, risk_file_versions.c.risk_file).where(
            risk_file_versions.c.risk_file_id == found.id, risk_file_versions.c.base_version == found.version
        )
        row = connection.execute(wanted).first()
        if row is None:
            return found
        if row.base_sha256 != digest(found):
            raise IntegrityError(
                f"version {found.version} was changed without a new version, after an update of it was signed",
                where=f"risk file {found.id}@{found.version}",
                todo="give the changed file a version of its own, beyond those in force",
            )
        found = decode(RiskFile, row.risk_file)
