"""The tables of the records: what the company answers for.

Append-only tables refuse change by trigger and by privilege; the two working tables (tickets and their comments) change
only in the columns named in ``CHANGES``. A row's ``audit`` is the number of the audit record, written in the same
transaction, that holds the digest of the row's content. JSON columns are of type ``json``, not ``jsonb``: the text is
kept as written, so that numbers come back to the last bit (1e22 stays a float).
"""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from include.postmarket.records import columns, power_tables, signing_tables

#: Every table of the records: those of this file, those of signing, and that of what plans can see.
METADATA = signing_tables.signatures.metadata
plan_powers = power_tables.plan_powers
_MOMENT, _text, _audited, _number = columns.MOMENT, columns.text_column, columns.audited, columns.numbered

audit = Table(
    "audit",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", _MOMENT, nullable=False),
    _text("actor"),
    _text("action"),
    _text("kind"),
    _text("subject"),
    Column("payload", JSON, nullable=False),
    Column("previous", Text, nullable=False, unique=True),
    Column("hash", Text, nullable=False, unique=True),
)

#: One row, moved by trigger with every audit record: without it the loss of the newest records would show nowhere.
audit_head = Table(
    "audit_head",
    METADATA,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    _text("hash"),
    CheckConstraint("one = 1", name="single"),
)

batches = Table(
    "batches",
    METADATA,
    Column("batch", Text, primary_key=True),
    _text("source"),
    Column("sequence", BigInteger, nullable=False),  # per source from 1, without gaps, in order of acceptance
    Column("accepted_at", _MOMENT, nullable=False),
    Column("outcome", JSON, nullable=False),
    _audited(),
    UniqueConstraint("source", "sequence"),
)

quarantine_decisions = Table(
    "quarantine_decisions",
    METADATA,
    _number(),
    Column("decision_id", Text, nullable=False, unique=True),
    Column("batch", Text, ForeignKey("batches.batch"), nullable=False, index=True),
    _text("verdict"),
    Column("decided_at", _MOMENT, nullable=False),
    Column("decision", JSON, nullable=False),
    _audited(),
    CheckConstraint("verdict IN ('release', 'repair', 'reject')", name="verdict"),
)

check_results = Table(
    "check_results",
    METADATA,
    Column("sha256", Text, primary_key=True),
    Column("stored_at", _MOMENT, nullable=False),
    Column("evidence", JSON, nullable=False),
    _audited(),
)

snapshots = Table(
    "snapshots",
    METADATA,
    Column("sha256", Text, primary_key=True),
    Column("as_of", Date, nullable=False),
    Column("batches", JSON, nullable=False),
    Column("taken_at", _MOMENT, nullable=False),
    _audited(),
)

runs = Table(
    "runs",
    METADATA,
    Column("run_id", Text, primary_key=True),
    _text("plan_id"),
    Column("period_start", Date, nullable=False),
    _text("cadence"),
    Column("stamp", JSON, nullable=False),
    Column("recorded_at", _MOMENT, nullable=False),
    _audited(),
    Index(None, "plan_id", "period_start"),
)

detections = Table(
    "detections",
    METADATA,
    _number(),
    Column("run_id", Text, ForeignKey("runs.run_id"), nullable=False),
    _text("key"),
    _text("fingerprint"),
    Column("detection", JSON, nullable=False),
    _audited(),
    UniqueConstraint("run_id", "key"),
    Index(None, "fingerprint"),
)

signals = Table(
    "signals",
    METADATA,
    Column("signal_id", Text, primary_key=True),
    _text("fingerprint"),
    Column("epoch", Integer, nullable=False),
    _text("plan_id"),
    Column("opened_at", _MOMENT, nullable=False),
    Column("signal", JSON, nullable=False),
    _audited(),
    UniqueConstraint("fingerprint", "epoch"),
)

signal_events = Table(
    "signal_events",
    METADATA,
    _number(),
    Column("event_id", Text, nullable=False, unique=True),
    Column("signal_id", Text, ForeignKey("signals.signal_id"), nullable=False, index=True),
    Column("at", _MOMENT, nullable=False),
    Column("event", JSON, nullable=False),
    _audited(),
)

tickets = Table(
    "tickets",
    METADATA,
    Column("site", Text, primary_key=True),
    Column("dedupe_key", Text, primary_key=True),
    _text("signal_id"),
    Column("plan", JSON, nullable=False),
    Column("planned_at", _MOMENT, nullable=False),
    _text("state"),
    Column("attempt", Integer, nullable=False),
    Column("since", _MOMENT, nullable=False),
    _text("issue_id"),
    _text("issue_key"),
    _text("message"),
    _text("last_key_seen"),
    _audited(),
    CheckConstraint("state IN ('planned', 'sending', 'filed', 'ambiguous', 'parked')", name="state"),
    CheckConstraint("(state = 'filed') = (issue_id <> '')", name="filed_has_issue"),
    Index(None, "site", "state"),
)

ticket_comments = Table(
    "ticket_comments",
    METADATA,
    _number(),
    _text("site"),
    _text("event"),
    _text("dedupe_key"),
    Column("plan", JSON, nullable=False),
    Column("planned_at", _MOMENT, nullable=False),
    _text("state"),
    Column("since", _MOMENT, nullable=False),
    _text("comment_id"),
    _audited(),
    UniqueConstraint("site", "event"),
    CheckConstraint("state IN ('planned', 'filed')", name="state"),
)


def _about_ticket(content: str) -> "list[Column[Any]]":
    """Give the columns of what is said of a filed ticket."""
    return [
        _number(),
        _text("site"),
        _text("dedupe_key"),
        Column("signal_id", Text, nullable=False, index=True),
        Column("at", _MOMENT, nullable=False),
        Column(content, JSON, nullable=False),
        _audited(),
    ]


ticket_standings = Table(
    "ticket_standings", METADATA, *_about_ticket("standing"), Index(None, "site", "dedupe_key", "number")
)
#: One decision a ticket: who wants to say more appends to the ticket or opens the signal again.
ticket_decisions = Table(
    "ticket_decisions", METADATA, *_about_ticket("decision"), UniqueConstraint("site", "dedupe_key")
)
effect_results = Table(
    "effect_results", METADATA, *_about_ticket("result"), Index(None, "site", "dedupe_key", "number")
)

risk_updates = Table(
    "risk_updates",
    METADATA,
    _number(),
    Column("update_id", Text, nullable=False, unique=True),
    Column("signal_id", Text, ForeignKey("signals.signal_id"), nullable=False),
    _text("risk_id"),
    Column("proposed_at", _MOMENT, nullable=False),
    Column("update", JSON, nullable=False),
    _audited(),
    UniqueConstraint("signal_id", "risk_id"),
)

register = Table(
    "register",
    METADATA,
    _number(),
    _text("kind"),  # requirement, risk_item, matrix
    _text("item_id"),
    Column("revision", Integer, nullable=False),  # per item from 1: a text that comes back is a new revision
    _text("version"),
    _text("stamp"),
    Column("loaded_at", _MOMENT, nullable=False),
    Column("item", JSON, nullable=False),
    _audited(),
    UniqueConstraint("kind", "item_id", "revision"),
)

register_imports = Table(
    "register_imports",
    METADATA,
    _number(),
    _text("register"),
    Column("sequence", Integer, nullable=False),  # per register from 1
    Column("imported_at", _MOMENT, nullable=False),
    Column("import", JSON, nullable=False),
    _audited(),
    UniqueConstraint("register", "sequence"),
)

#: The last row of an item is what it is now; a removed one keeps its last content.
register_items = Table(
    "register_items",
    METADATA,
    _number(),
    _text("register"),
    _text("item_id"),
    Column("sequence", Integer, nullable=False),  # of the import that wrote it
    _text("part"),
    _text("change"),
    _text("stamp"),
    Column("item", JSON, nullable=False),
    _audited(),
    UniqueConstraint("register", "item_id", "sequence"),
    CheckConstraint("part IN ('requirements', 'evidence')", name="part"),
    CheckConstraint("change IN ('new', 'changed', 'removed')", name="change"),
)

#: The last row of a link is the stamp it holds: the first one from the import that saw it, each later one a clearing.
link_stamps = Table(
    "link_stamps",
    METADATA,
    _number(),
    _text("register"),
    _text("item_id"),
    _text("role"),
    _text("target"),
    Column("sequence", Integer, nullable=False),  # per link from 1
    _text("stamp"),
    Column("at", _MOMENT, nullable=False),
    _text("by"),
    _text("reason"),
    _audited(),
    UniqueConstraint("register", "item_id", "role", "target", "sequence"),
)

#: The columns the application may change, by working table; every other table takes new rows only.
CHANGES: dict[Table, tuple[str, ...]] = {
    tickets: ("state", "attempt", "since", "issue_id", "issue_key", "message", "last_key_seen", "audit"),
    ticket_comments: ("state", "since", "comment_id", "audit"),
}

APPEND_ONLY: tuple[Table, ...] = tuple(t for t in METADATA.sorted_tables if t not in CHANGES and t is not audit_head)
