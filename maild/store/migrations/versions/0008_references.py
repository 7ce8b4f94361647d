"""Orders, serial numbers and products that tickets name, as directories know them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_MOMENT = sa.DateTime(timezone=True)
_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table; tickets that are there name nothing until their next mail."""
    op.create_table(
        "reference",
        sa.Column("ticket", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("sort", sa.String(16), nullable=False),
        sa.Column("key", _KEY, nullable=False),
        sa.Column("fit", sa.String(16), nullable=False),
        sa.Column("directory", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("checked_at", _MOMENT, nullable=False),
        sa.Column("fitted_at", _MOMENT),
        sa.Column("next_at", _MOMENT),
        sa.PrimaryKeyConstraint("ticket", "sort", "key"),
        sqlite_with_rowid=False,
    )
    where = sa.text("next_at IS NOT NULL")
    op.create_index("reference_next", "reference", ["next_at"], sqlite_where=where, postgresql_where=where)
