"""Which processes live, what was counted, what is in trouble."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_MOMENT = sa.DateTime(timezone=True)
_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables, and the index over letters that may have come twice."""
    op.create_table(
        "process",
        sa.Column("owner", _KEY, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("roles", sa.String(40), nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("beat_at", _MOMENT, nullable=False),
        sa.Column("worked_at", _MOMENT),
        sa.PrimaryKeyConstraint("owner"),
    )
    op.create_table(
        "meter",
        sa.Column("name", _KEY, nullable=False),
        sa.Column("labels", _KEY, nullable=False),
        sa.Column("value", sa.Float(53), nullable=False),
        sa.PrimaryKeyConstraint("name", "labels"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "trouble",
        sa.Column("name", _KEY, nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("told_at", _MOMENT, nullable=False),
        sa.Column("gone_at", _MOMENT),
        sa.PrimaryKeyConstraint("name"),
        sqlite_with_rowid=False,
    )
    where = sa.text("uncertain")
    op.create_index("outbox_uncertain", "outbox", ["id"], sqlite_where=where, postgresql_where=where)
