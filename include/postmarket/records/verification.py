"""Finding the first record that is not as it was written, where the records are (G6).

Two layers. The chain: every audit record must have the hash of its own content, hold the hash of the one before it and
lead to the head. The rows: what a record sealed must still be there, and nothing else. What no chain can show by itself
is one that was written anew from some point on, head included; that needs a checkpoint kept elsewhere (`checkpoints`).
"""

from collections.abc import Iterator

from sqlalchemy import Connection, Table, select

from include.postmarket.records.audit import rows_of_chain
from include.postmarket.records.chain import Break, Head, Link, Seal, broken_rows, first_broken_link, seal_of
from include.postmarket.records.sealed import content_digest
from include.postmarket.records.tables import CHANGES, METADATA, audit, audit_head

_AT_ONCE = 5000


def verify(connection: Connection) -> Break | None:
    """Give the first record of the trail that does not hold, else the first row that does not fit its record.

    None when everything holds. The connection has to see one state of the database throughout (`engine.reading`).
    """
    broken = audit_verify(connection)
    if broken is not None:
        return broken
    found = [b for table in sealed_tables() for b in _broken_rows(connection, table)]
    return min(found, key=lambda b: b.seq, default=None)


def audit_verify(connection: Connection) -> Break | None:
    """Give the first record of the audit trail that was altered, removed or inserted, or None when the chain holds."""
    return first_broken_link(links(connection), head_of(connection))


def head_of(connection: Connection) -> Head | None:
    """Give where the chain ends, None when that is gone."""
    row = connection.execute(select(audit_head.c.seq, audit_head.c.hash)).first()
    return None if row is None else Head(row.seq, row.hash)


def links(connection: Connection) -> Iterator[Link]:
    """Give the chain in its order, some thousands at a time."""
    for row in connection.execute(rows_of_chain().execution_options(yield_per=_AT_ONCE)):
        yield Link(*row)


def sealed_tables() -> tuple[Table, ...]:
    """Give the tables whose rows are sealed by records of the trail."""
    return tuple(table for table in METADATA.sorted_tables if "audit" in table.columns)


def seals_in_force(connection: Connection, table: Table) -> Iterator[Seal]:
    """Give what rows of a table must fit, in order: every seal, of a working table the last one a subject."""
    query = select(audit.c.seq, audit.c.subject, audit.c.payload).where(audit.c.kind == table.name)
    rows = connection.execute(query.order_by(audit.c.seq).execution_options(yield_per=_AT_ONCE))
    seals = (seal_of(row.seq, row.subject, row.payload) for row in rows)
    if table not in CHANGES:
        return seals
    last = {seal.subject: seal for seal in seals}
    return iter(sorted(last.values(), key=lambda seal: seal.seq))


def _broken_rows(connection: Connection, table: Table) -> Iterator[Break]:
    query = select(table).order_by(table.c.audit).execution_options(yield_per=_AT_ONCE)
    rows = (
        (int(row.audit), content_digest(table, row._mapping))  # noqa: SLF001 - public API of SQLAlchemy despite its name
        for row in connection.execute(query)
    )
    return broken_rows(table.name, seals_in_force(connection, table), rows)
