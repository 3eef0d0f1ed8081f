"""The stamp: what has to be known to compute a result again (G2)."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Written on everything a run produces."""

    run_id: str
    as_of: date
    snapshot: str
    plan: str  # id@version
    plan_digest: str
    code: str  # digest of the package files really loaded
