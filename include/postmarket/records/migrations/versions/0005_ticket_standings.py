"""Where filed tickets stand in the tracker, decisions about those closed undone, and effect checks."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = {
    "ticket_standings": ("standing", ("site", "dedupe_key", "number")),
    "ticket_decisions": ("decision", ()),
    "effect_results": ("result", ("site", "dedupe_key", "number")),
}


def upgrade() -> None:
    for name, (content, index) in TABLES.items():
        unique = () if index else (sa.UniqueConstraint("site", "dedupe_key", name=op.f(f"{name}_site_dedupe_key_uq")),)
        op.create_table(
            name,
            sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
            sa.Column("site", sa.Text(), nullable=False),
            sa.Column("dedupe_key", sa.Text(), nullable=False),
            sa.Column("signal_id", sa.Text(), nullable=False),
            sa.Column("at", sa.DateTime(timezone=True), nullable=False),
            sa.Column(content, sa.JSON(), nullable=False),
            sa.Column("audit", sa.BigInteger(), nullable=False),
            sa.ForeignKeyConstraint(["audit"], ["audit.seq"], name=op.f(f"{name}_audit_fk")),
            sa.PrimaryKeyConstraint("number", name=op.f(f"{name}_pk")),
            *unique,
        )
        op.create_index(op.f(f"{name}_audit_ix"), name, ["audit"], unique=False)
        op.create_index(op.f(f"{name}_signal_id_ix"), name, ["signal_id"], unique=False)
        if index:
            op.create_index(op.f(f"{name}_{'_'.join(index)}_ix"), name, list(index), unique=False)
        op.execute(
            f"CREATE TRIGGER refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON {name} "
            "FOR EACH STATEMENT EXECUTE FUNCTION records_refuse()"
        )
