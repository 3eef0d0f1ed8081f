"""What the field said of fixes, by ticket: append-only; once it is decided, nothing more is written."""

from typing import Any

from sqlalchemy import Engine, Row, select

from include.postmarket.model.effect import Effect, EffectResult, KeptEffect
from include.postmarket.records.audit import lock
from include.postmarket.records.codec import decode
from include.postmarket.records.engine import reading, writing
from include.postmarket.records.sealed import Act, add_rows
from include.postmarket.records.tables import effect_results


class EffectResults:
    """Answers to effect checks, in the order they were written."""

    def __init__(self, engine: Engine, actor: str = "postmarket") -> None:
        self._engine = engine
        self._actor = actor

    def record(self, kept: KeptEffect) -> bool:
        """Write an answer; False when the ticket has a decided one, or one over as many months."""
        with writing(self._engine) as connection:
            lock(connection)
            one = effect_results.c
            query = select(effect_results).where(one.site == kept.site, one.dedupe_key == kept.dedupe_key)
            last = connection.execute(query.order_by(one.number.desc()).limit(1)).first()
            if last is not None and not _open(_kept(last).result, kept.result):
                return False
            row = {
                "site": kept.site,
                "dedupe_key": kept.dedupe_key,
                "signal_id": kept.signal_id,
                "at": kept.at,
                "result": kept.result,
            }
            act = Act(at=kept.at, actor=self._actor, action="check effect", subject=f"{kept.site} {kept.dedupe_key}")
            add_rows(connection, effect_results, [row], act)
            return True

    def all(self) -> tuple[KeptEffect, ...]:
        """Give the answers of every site, oldest first."""
        with reading(self._engine) as connection:
            return tuple(map(_kept, connection.execute(select(effect_results).order_by(effect_results.c.number))))


def _open(last: EffectResult, new: EffectResult) -> bool:
    return last.effect is Effect.NOT_EVALUATED and new.months > last.months


def _kept(row: Row[Any]) -> KeptEffect:
    return KeptEffect(
        site=row.site,
        dedupe_key=row.dedupe_key,
        signal_id=row.signal_id,
        at=row.at,
        result=decode(EffectResult, row.result),
    )
