"""What each version of a plan can see: false alarms a year and smallest rises, kept as computed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0007"  # by the order in which they landed
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plan_powers",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("power_id", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("power", sa.JSON(), nullable=False),
        sa.Column("audit", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["audit"], ["audit.seq"], name=op.f("plan_powers_audit_fk")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("plan_powers_run_id_fk")),
        sa.PrimaryKeyConstraint("number", name=op.f("plan_powers_pk")),
        sa.UniqueConstraint("power_id", name=op.f("plan_powers_power_id_uq")),
    )
    op.create_index(op.f("plan_powers_audit_ix"), "plan_powers", ["audit"], unique=False)
    op.create_index(op.f("plan_powers_plan_id_ix"), "plan_powers", ["plan_id"], unique=False)
    op.execute(
        "CREATE TRIGGER refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON plan_powers "
        "FOR EACH STATEMENT EXECUTE FUNCTION records_refuse()"
    )
