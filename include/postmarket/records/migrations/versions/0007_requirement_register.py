"""Imported registers: their imports, their items, and the stamps that links hold."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = ("register_imports", "register_items", "link_stamps")


def upgrade() -> None:
    op.create_table(
        "register_imports",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("import", sa.JSON(), nullable=False),
        sa.Column("audit", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["audit"], ["audit.seq"], name=op.f("register_imports_audit_fk")),
        sa.PrimaryKeyConstraint("number", name=op.f("register_imports_pk")),
        sa.UniqueConstraint("register", "sequence", name=op.f("register_imports_register_sequence_uq")),
    )
    op.create_table(
        "register_items",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.Column("item", sa.JSON(), nullable=False),
        sa.Column("audit", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("part IN ('requirements', 'evidence')", name=op.f("register_items_part_ck")),
        sa.CheckConstraint("change IN ('new', 'changed', 'removed')", name=op.f("register_items_change_ck")),
        sa.ForeignKeyConstraint(["audit"], ["audit.seq"], name=op.f("register_items_audit_fk")),
        sa.PrimaryKeyConstraint("number", name=op.f("register_items_pk")),
        sa.UniqueConstraint("register", "item_id", "sequence", name=op.f("register_items_register_item_id_sequence_uq")),
    )
    op.create_table(
        "link_stamps",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("audit", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["audit"], ["audit.seq"], name=op.f("link_stamps_audit_fk")),
        sa.PrimaryKeyConstraint("number", name=op.f("link_stamps_pk")),
        sa.UniqueConstraint(
            "register", "item_id", "role", "target", "sequence",
            name=op.f("link_stamps_register_item_id_role_target_sequence_uq"),
        ),
    )
    for table in TABLES:
        op.create_index(op.f(f"{table}_audit_ix"), table, ["audit"], unique=False)
        op.execute(
            f"CREATE TRIGGER refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION records_refuse()"
        )
