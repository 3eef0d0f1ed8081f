"""What a person decides about rows that wait in quarantine."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quarantine_decisions",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.JSON(), nullable=False),
        sa.Column("audit", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('release', 'repair', 'reject')", name=op.f("quarantine_decisions_verdict_ck")
        ),
        sa.ForeignKeyConstraint(["audit"], ["audit.seq"], name=op.f("quarantine_decisions_audit_fk")),
        sa.ForeignKeyConstraint(["batch"], ["batches.batch"], name=op.f("quarantine_decisions_batch_fk")),
        sa.PrimaryKeyConstraint("number", name=op.f("quarantine_decisions_pk")),
        sa.UniqueConstraint("decision_id", name=op.f("quarantine_decisions_decision_id_uq")),
    )
    op.create_index(op.f("quarantine_decisions_audit_ix"), "quarantine_decisions", ["audit"], unique=False)
    op.create_index(op.f("quarantine_decisions_batch_ix"), "quarantine_decisions", ["batch"], unique=False)
    op.execute(
        "CREATE TRIGGER refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON quarantine_decisions "
        "FOR EACH STATEMENT EXECUTE FUNCTION records_refuse()"
    )
