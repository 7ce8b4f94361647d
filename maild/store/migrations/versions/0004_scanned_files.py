"""What a virus scanner said of each file, and which of them can be run."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0001"


def upgrade() -> None:
    """Files that are there already were not asked about."""
    for name in ("runs", "scan_says"):
        op.add_column("attachment", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("attachment", sa.Column("scan", sa.String(length=12), nullable=False, server_default=""))
    op.add_column("attachment", sa.Column("scan_tries", sa.Integer(), nullable=False, server_default="0"))
    where = sa.text("scan = 'unscanned'")
    op.create_index("attachment_unscanned", "attachment", ["scan_tries"], sqlite_where=where, postgresql_where=where)
