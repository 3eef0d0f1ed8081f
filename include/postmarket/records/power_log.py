"""The log of what plans can see: one record for each version of a plan, its code, and half a year of data."""

from datetime import datetime

from sqlalchemy import Engine, select

from include.postmarket.model.power import PlanPower
from include.postmarket.records.audit import lock
from include.postmarket.records.codec import decode
from include.postmarket.records.engine import reading, writing
from include.postmarket.records.power_tables import plan_powers
from include.postmarket.records.sealed import Act, add_rows


class PowerLog:
    """Powers of plans, append-only; the first under an id stays."""

    def __init__(self, engine: Engine, actor: str = "postmarket") -> None:
        self._engine = engine
        self._actor = actor

    def record(self, power_id: str, run_id: str, found: PlanPower, now: datetime) -> bool:
        """Write a power, computed on the snapshot of a run; gives whether it is new.

        Raises IntegrityError when it holds a number without an exact spelling.
        """
        with writing(self._engine) as connection:
            lock(connection)
            known = select(plan_powers.c.power_id).where(plan_powers.c.power_id == power_id)
            if connection.execute(known).first() is not None:
                return False
            row = {
                "power_id": power_id,
                "plan_id": found.plan_id,
                "run_id": run_id,
                "computed_at": now,
                "power": found,
            }
            act = Act(at=now, actor=self._actor, action="keep power of plan", subject=power_id)
            add_rows(connection, plan_powers, [row], act)
        return True

    def power(self, power_id: str) -> PlanPower | None:
        """Give a power by its id, None when there is none."""
        query = select(plan_powers.c.power).where(plan_powers.c.power_id == power_id)
        with reading(self._engine) as connection:
            stored = connection.execute(query).scalar()
        return None if stored is None else decode(PlanPower, stored)

    def latest(self, plan_id: str) -> PlanPower | None:
        """Give the last power of the newest period of a plan; None before the first."""
        query = select(plan_powers.c.power).where(plan_powers.c.plan_id == plan_id)
        with reading(self._engine) as connection:
            stored = connection.execute(query.order_by(plan_powers.c.number)).scalars()
            known = [decode(PlanPower, value) for value in stored]
        return max(enumerate(known), key=lambda one: (one[1].period, one[0]))[1] if known else None
