"""Counts of letters, letters held back, and hard bounces.

Budgets are judged by counts of their own: one number a minute and scope, however many letters there are.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the three tables; the outbox need not be found by recipient any more."""
    op.create_table(
        "lately",
        sa.Column("scope", _KEY, nullable=False),
        sa.Column("minute", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("written", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "minute"),
        sqlite_with_rowid=False,
    )
    op.create_index("lately_minute", "lately", ["minute"], unique=False)
    op.create_table(
        "held_back",
        sa.Column("recipient", _KEY, nullable=False),
        sa.Column("template", sa.String(length=20), nullable=False),
        sa.Column("ticket", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mails", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("recipient", "template", "ticket"),
        sqlite_with_rowid=False,
    )
    op.create_index("held_back_since", "held_back", ["since"], unique=False)
    op.create_table(
        "hard_bounce",
        sa.Column("address", _KEY, nullable=False),
        sa.Column("letter", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("address", "letter"),
        sqlite_with_rowid=False,
    )
    op.create_index("hard_bounce_at", "hard_bounce", ["at"], unique=False)
    op.drop_index("outbox_recipient", table_name="outbox")
