"""Signers, decisions of people, signatures under them, and the versions of risk files that follow."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0003"
branch_labels = None
depends_on = None

APPEND_ONLY = ("signer_events", "decisions", "signatures", "signature_withdrawals", "risk_file_versions")


def upgrade() -> None:
    op.create_table(
        "signer_events",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.JSON(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        *_audited("signer_events"),
        sa.PrimaryKeyConstraint("number", name=op.f("signer_events_pk")),
    )
    op.create_index(op.f("signer_events_user_id_ix"), "signer_events", ["user_id"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.JSON(), nullable=False),
        *_audited("decisions"),
        sa.PrimaryKeyConstraint("subject", "subject_id", "version", name=op.f("decisions_pk")),
    )
    op.create_table(
        "signatures",
        sa.Column("signature_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("meaning", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("signature", sa.JSON(), nullable=False),
        *_audited("signatures"),
        sa.PrimaryKeyConstraint("signature_id", name=op.f("signatures_pk")),
        sa.ForeignKeyConstraint(
            ["subject", "subject_id", "version"],
            ["decisions.subject", "decisions.subject_id", "decisions.version"],
            name=op.f("signatures_subject_fk"),
        ),
        sa.UniqueConstraint(
            "subject", "subject_id", "version", "user_id", name=op.f("signatures_subject_subject_id_version_user_id_uq")
        ),
    )
    op.create_index(op.f("signatures_session_ix"), "signatures", ["session"], unique=False)
    op.create_table(
        "signature_withdrawals",
        sa.Column("signature_id", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        *_audited("signature_withdrawals"),
        sa.PrimaryKeyConstraint("signature_id", name=op.f("signature_withdrawals_pk")),
        sa.ForeignKeyConstraint(
            ["signature_id"], ["signatures.signature_id"], name=op.f("signature_withdrawals_signature_id_fk")
        ),
    )
    op.create_table(
        "risk_file_versions",
        sa.Column("risk_file_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("base_version", sa.Text(), nullable=False),
        sa.Column("base_sha256", sa.Text(), nullable=False),
        sa.Column("update_id", sa.Text(), nullable=False),
        sa.Column("in_force_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("risk_file", sa.JSON(), nullable=False),
        *_audited("risk_file_versions"),
        sa.PrimaryKeyConstraint("risk_file_id", "version", name=op.f("risk_file_versions_pk")),
        sa.UniqueConstraint(
            "risk_file_id", "base_version", name=op.f("risk_file_versions_risk_file_id_base_version_uq")
        ),
    )
    for table in APPEND_ONLY:
        op.create_index(op.f(f"{table}_audit_ix"), table, ["audit"], unique=False)
        op.execute(
            f"CREATE TRIGGER refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION records_refuse()"
        )


def _audited(table: str) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    return (
        sa.Column("audit", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["audit"], ["audit.seq"], name=op.f(f"{table}_audit_fk")),
    )
