"""Clocks of tickets."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables; a ticket that is open gets its clocks when next something happens on it."""
    op.create_table(
        "clock",
        sa.Column("ticket", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("due_at", _MOMENT),
        sa.Column("paused_at", _MOMENT),
        sa.Column("ended_at", _MOMENT),
        sa.Column("why_ended", sa.String(16), nullable=False),
        sa.Column("used", sa.Integer()),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("held_counted", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Boolean()),
        sa.Column("next_at", _MOMENT),
        sa.PrimaryKeyConstraint("ticket", "kind", "cycle"),
        sqlite_with_rowid=False,
    )
    _partial("clock_next", "next_at", "next_at IS NOT NULL")
    _partial("clock_due", "due_at", "ended_at IS NULL AND due_at IS NOT NULL")
    _partial("clock_paused", "ticket", "paused_at IS NOT NULL")
    _partial("clock_failed", "ticket", "failed")
    op.create_table(
        "built_on",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _partial(name: str, column: str, where: str) -> None:
    op.create_index(name, "clock", [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))
