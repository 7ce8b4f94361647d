"""What is done next by itself about tickets, and who was asked for a rating lately.

Tickets that are there get their steps at the next start, when the configuration is found to be a new one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_MOMENT = sa.DateTime(timezone=True)
_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "step",
        sa.Column("ticket", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("ticket"),
        sqlite_with_rowid=False,
    )
    op.create_index("step_due", "step", ["due_at"])
    op.create_table(
        "asked",
        sa.Column("address", _KEY, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("address"),
        sqlite_with_rowid=False,
    )
    op.create_index("asked_at", "asked", ["at"])
