"""What the tables of the records are made of: the names of their constraints, and the columns that recur."""

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Identity, MetaData, Text

METADATA = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "fk": "%(table_name)s_%(column_0_name)s_fk",
        "uq": "%(table_name)s_%(column_0_N_name)s_uq",
        "ix": "%(table_name)s_%(column_0_N_name)s_ix",
        "ck": "%(table_name)s_%(constraint_name)s_ck",
    }
)
MOMENT = DateTime(timezone=True)


def text_column(name: str) -> "Column[str]":
    """Give a column of text that is always there."""
    return Column(name, Text, nullable=False)


def audited() -> "Column[int]":
    """Give the number of the audit record that seals the row."""
    return Column("audit", BigInteger, ForeignKey("audit.seq"), nullable=False, index=True)


def numbered() -> "Column[int]":
    """Give the order of insertion; gaps are normal, the audit's numbers have none."""
    return Column("number", BigInteger, Identity(always=True), primary_key=True)
