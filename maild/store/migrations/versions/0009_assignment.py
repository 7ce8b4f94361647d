"""Turns and absences of agents, and tickets that wait for one."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_MOMENT = sa.DateTime(timezone=True)
_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables; every agent begins without a turn."""
    op.create_table(
        "turn",
        sa.Column("agent", _KEY, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("agent"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "absence",
        sa.Column("address", _KEY, nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("until", _MOMENT),
        sa.Column("source", sa.String(8), nullable=False),
        sa.Column("mail", sa.BigInteger()),
        sa.PrimaryKeyConstraint("address"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "awaiting",
        sa.Column("ticket", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("fixed", sa.Text(), nullable=False),
        sa.Column("strategy", sa.String(16), nullable=False),
        sa.Column("skill", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ticket"),
        sqlite_with_rowid=False,
    )
    taken = sa.text("assignee <> ''")
    op.create_index("ticket_last_agent", "ticket", ["contact", "number"], sqlite_where=taken, postgresql_where=taken)
    op.drop_index("ticket_assignee", "ticket")
    op.create_index("ticket_assignee", "ticket", ["assignee", "status", "priority"])  # loads are read from it alone
