"""Clues to tickets for mail that carries no ids, and where people want their answers."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table of clues; nobody has said yet where to answer instead."""
    op.create_table(
        "clue",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("ticket", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sqlite_with_rowid=False,
    )
    op.add_column("participant", sa.Column("answer_to", sa.Text(), nullable=False, server_default=""))
