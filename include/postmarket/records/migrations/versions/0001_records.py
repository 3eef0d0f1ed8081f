"""The tables of the records, and the triggers that keep them append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "audit",
    "batches",
    "check_results",
    "detections",
    "register",
    "risk_updates",
    "runs",
    "signal_events",
    "signals",
    "snapshots",
)
# What is fixed when a row of a working table is written.
FIXED = {
    "tickets": ("site", "dedupe_key", "signal_id", "plan", "planned_at"),
    "ticket_comments": ("number", "site", "event", "dedupe_key", "plan", "planned_at"),
}
REFUSE = """
CREATE FUNCTION records_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: records are superseded, never changed', TG_OP, TG_TABLE_NAME;
END $$
"""
# An audit record is taken only as the next link of the chain, whoever writes it; the head moves with it. The function
# runs with its owner's rights: the application itself may not touch the head.
ADVANCE = """
CREATE FUNCTION records_advance() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE audit_head SET seq = NEW.seq, hash = NEW.hash WHERE seq = NEW.seq - 1 AND hash = NEW.previous;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'audit record % does not follow the last one', NEW.seq;
  END IF;
  RETURN NEW;
END $$
"""


def upgrade() -> None:
    _create_tables()
    op.execute(REFUSE)
    op.execute(ADVANCE)
    op.execute(f"INSERT INTO audit_head (one, seq, hash) VALUES (1, 0, '{'0' * 64}')")
    op.execute("CREATE TRIGGER advance BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION records_advance()")
    for table in APPEND_ONLY:
        _refuse(table, "UPDATE OR DELETE OR TRUNCATE")
    _refuse("audit_head", "DELETE OR TRUNCATE")
    for table, columns in FIXED.items():
        _refuse(table, f"UPDATE OF {', '.join(columns)} OR DELETE OR TRUNCATE")


def _refuse(table: str, what: str) -> None:
    op.execute(f"CREATE TRIGGER refuse BEFORE {what} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION records_refuse()")


def _create_tables() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("audit_pk")),
        sa.UniqueConstraint("hash", name=op.f("audit_hash_uq")),
        sa.UniqueConstraint("previous", name=op.f("audit_previous_uq")),
    )
    op.create_table(
        "audit_head",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("one = 1", name=op.f("audit_head_single_ck")),
        sa.PrimaryKeyConstraint("one", name=op.f("audit_head_pk")),
    )
    op.create_table(
        "batches",
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.Column("audit", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["audit"], ["audit.seq"], name=op.f("batches_audit_fk")),
        sa.PrimaryKeyConstraint("batch", name=op.f("batches_pk")),
        sa.UniqueConstraint("source", "sequence", name=op.f("batches_source_sequence_uq")),
    )
    op.create_index(op.f("batches_audit_ix"), "batches", ["audit"], unique=False)
    op.create_table(
        "check_results",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("audit", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["audit"], ["audit.seq"], name=op.f("check_results_audit_fk")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("check_results_pk")),
    )
    op.create_index(op.f("check_results_audit_ix"), "check_results", ["audit"], unique=False)
    op.create_table(
        "register",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("item", sa.JSON(), nullable=False),
        sa.Column("audit", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["audit"], ["audit.seq"], name=op.f("register_audit_fk")),
        sa.PrimaryKeyConstraint("number", name=op.f("register_pk")),
        sa.UniqueConstraint("kind", "item_id", "revision", name=op.f("register_kind_item_id_revision_uq")),
    )
    op.create_index(op.f("register_audit_ix"), "register", ["audit"], unique=False)
    op.create_table(
        "runs",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("cadence", sa.Text(), nullable=False),
        sa.Column("stamp", sa.JSON(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("audit", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["audit"], ["audit.seq"], name=op.f("runs_audit_fk")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("runs_pk")),
    )
    op.create_index(op.f("runs_audit_ix"), "runs", ["audit"], unique=False)
    op.create_index(op.f("runs_plan_id_period_start_ix"), "runs", ["plan_id", "period_start"], unique=False)
    op.create_table(
        "signals",
        sa.Column("signal_id", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signal", sa.JSON(), nullable=False),
        sa.Column("audit", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["audit"], ["audit.seq"], name=op.f("signals_audit_fk")),
        sa.PrimaryKeyConstraint("signal_id", name=op.f("signals_pk")),
        sa.UniqueConstraint("fingerprint", "epoch", name=op.f("signals_fingerprint_epoch_uq")),
    )
    op.create_index(op.f("signals_audit_ix"), "signals", ["audit"], unique=False)
    op.create_table(
        "snapshots",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("batches", sa.JSON(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("audit", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["audit"], ["audit.seq"], name=op.f("snapshots_audit_fk")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("snapshots_pk")),
    )
    op.create_index(op.f("snapshots_audit_ix"), "snapshots", ["audit"], unique=False)
    op.create_table(
        "ticket_comments",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("comment_id", sa.Text(), nullable=False),
        sa.Column("audit", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('planned', 'filed')", name=op.f("ticket_comments_state_ck")),
        sa.ForeignKeyConstraint(["audit"], ["audit.seq"], name=op.f("ticket_comments_audit_fk")),
        sa.PrimaryKeyConstraint("number", name=op.f("ticket_comments_pk")),
        sa.UniqueConstraint("site", "event", name=op.f("ticket_comments_site_event_uq")),
    )
    op.create_index(op.f("ticket_comments_audit_ix"), "ticket_comments", ["audit"], unique=False)
    op.create_table(
        "tickets",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("signal_id", sa.Text(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issue_id", sa.Text(), nullable=False),
        sa.Column("issue_key", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("last_key_seen", sa.Text(), nullable=False),
        sa.Column("audit", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(state = 'filed') = (issue_id <> '')", name=op.f("tickets_filed_has_issue_ck")),
        sa.CheckConstraint(
            "state IN ('planned', 'sending', 'filed', 'ambiguous', 'parked')", name=op.f("tickets_state_ck")
        ),
        sa.ForeignKeyConstraint(["audit"], ["audit.seq"], name=op.f("tickets_audit_fk")),
        sa.PrimaryKeyConstraint("site", "dedupe_key", name=op.f("tickets_pk")),
    )
    op.create_index(op.f("tickets_audit_ix"), "tickets", ["audit"], unique=False)
    op.create_index(op.f("tickets_site_state_ix"), "tickets", ["site", "state"], unique=False)
    op.create_table(
        "detections",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("detection", sa.JSON(), nullable=False),
        sa.Column("audit", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["audit"], ["audit.seq"], name=op.f("detections_audit_fk")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("detections_run_id_fk")),
        sa.PrimaryKeyConstraint("number", name=op.f("detections_pk")),
        sa.UniqueConstraint("run_id", "key", name=op.f("detections_run_id_key_uq")),
    )
    op.create_index(op.f("detections_audit_ix"), "detections", ["audit"], unique=False)
    op.create_index(op.f("detections_fingerprint_ix"), "detections", ["fingerprint"], unique=False)
    op.create_table(
        "risk_updates",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("update_id", sa.Text(), nullable=False),
        sa.Column("signal_id", sa.Text(), nullable=False),
        sa.Column("risk_id", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("update", sa.JSON(), nullable=False),
        sa.Column("audit", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["audit"], ["audit.seq"], name=op.f("risk_updates_audit_fk")),
        sa.ForeignKeyConstraint(["signal_id"], ["signals.signal_id"], name=op.f("risk_updates_signal_id_fk")),
        sa.PrimaryKeyConstraint("number", name=op.f("risk_updates_pk")),
        sa.UniqueConstraint("signal_id", "risk_id", name=op.f("risk_updates_signal_id_risk_id_uq")),
        sa.UniqueConstraint("update_id", name=op.f("risk_updates_update_id_uq")),
    )
    op.create_index(op.f("risk_updates_audit_ix"), "risk_updates", ["audit"], unique=False)
    op.create_table(
        "signal_events",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("signal_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.JSON(), nullable=False),
        sa.Column("audit", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["audit"], ["audit.seq"], name=op.f("signal_events_audit_fk")),
        sa.ForeignKeyConstraint(["signal_id"], ["signals.signal_id"], name=op.f("signal_events_signal_id_fk")),
        sa.PrimaryKeyConstraint("number", name=op.f("signal_events_pk")),
        sa.UniqueConstraint("event_id", name=op.f("signal_events_event_id_uq")),
    )
    op.create_index(op.f("signal_events_audit_ix"), "signal_events", ["audit"], unique=False)
    op.create_index(op.f("signal_events_signal_id_ix"), "signal_events", ["signal_id"], unique=False)
