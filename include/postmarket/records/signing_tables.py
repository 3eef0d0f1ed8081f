"""The tables of signers, decisions, signatures, and the versions of risk files that follow from them."""

from sqlalchemy import JSON, Column, ForeignKey, ForeignKeyConstraint, Index, Integer, Table, Text, UniqueConstraint

from include.postmarket.records.columns import METADATA, MOMENT, audited, numbered, text_column

signer_events = Table(
    "signer_events",
    METADATA,
    numbered(),
    text_column("user_id"),
    Column("at", MOMENT, nullable=False),
    Column("event", JSON, nullable=False),
    text_column("secret"),  # hash of a password or session; its seal covers the hash of it, so no export needs it
    audited(),
    Index(None, "user_id"),
)

decisions = Table(
    "decisions",
    METADATA,
    Column("subject", Text, primary_key=True),
    Column("subject_id", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    text_column("sha256"),
    Column("decided_at", MOMENT, nullable=False),
    Column("decision", JSON, nullable=False),
    audited(),
)

signatures = Table(
    "signatures",
    METADATA,
    Column("signature_id", Text, primary_key=True),
    text_column("subject"),
    text_column("subject_id"),
    Column("version", Integer, nullable=False),
    text_column("user_id"),
    text_column("meaning"),
    Column("signed_at", MOMENT, nullable=False),
    text_column("session"),
    Column("signature", JSON, nullable=False),
    audited(),
    UniqueConstraint("subject", "subject_id", "version", "user_id"),
    ForeignKeyConstraint(
        ["subject", "subject_id", "version"], ["decisions.subject", "decisions.subject_id", "decisions.version"]
    ),
    Index(None, "session"),
)

signature_withdrawals = Table(
    "signature_withdrawals",
    METADATA,
    Column("signature_id", Text, ForeignKey("signatures.signature_id"), primary_key=True),
    Column("withdrawn_at", MOMENT, nullable=False),
    text_column("by"),
    text_column("reason"),
    audited(),
)

risk_file_versions = Table(
    "risk_file_versions",
    METADATA,
    Column("risk_file_id", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    text_column("base_version"),
    text_column("base_sha256"),
    text_column("update_id"),
    Column("in_force_at", MOMENT, nullable=False),
    Column("risk_file", JSON, nullable=False),
    audited(),
    UniqueConstraint("risk_file_id", "base_version"),
)
