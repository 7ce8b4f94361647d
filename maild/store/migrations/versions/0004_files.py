"""What a virus scanner said of each file; files that are in many mails, kept once."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Files that are there already were not asked about."""
    for name in ("runs", "scan_says"):
        op.add_column("attachment", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("attachment", sa.Column("scan", sa.String(length=12), nullable=False, server_default=""))
    op.add_column("attachment", sa.Column("scan_tries", sa.Integer(), nullable=False, server_default="0"))
    where = sa.text("scan = 'unscanned'")
    op.create_index("attachment_unscanned", "attachment", ["scan_tries"], sqlite_where=where, postgresql_where=where)
    op.create_table(
        "blob",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_table(
        "piece",
        sa.Column("raw", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("blob", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("crlf", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("raw", "place"),
    )
    op.create_index("piece_blob", "piece", ["blob"], unique=False)
    op.add_column("raw", sa.Column("pieces", sa.Integer(), nullable=True))
    where = sa.text("pieces IS NULL AND size >= 12288")
    op.create_index("raw_whole", "raw", ["id"], sqlite_where=where, postgresql_where=where)
