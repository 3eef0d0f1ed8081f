"""The table of what plans can see, see `records.tables`."""

from sqlalchemy import JSON, Column, ForeignKey, Table, Text

from include.postmarket.records.columns import METADATA, MOMENT, audited, numbered

plan_powers = Table(
    "plan_powers",
    METADATA,
    numbered(),
    Column("power_id", Text, nullable=False, unique=True),
    Column("plan_id", Text, nullable=False, index=True),
    Column("run_id", Text, ForeignKey("runs.run_id"), nullable=False),
    Column("computed_at", MOMENT, nullable=False),
    Column("power", JSON, nullable=False),
    audited(),
)
