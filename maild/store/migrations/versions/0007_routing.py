"""What routing says of tickets."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the columns; nobody has chosen a policy or a branch for the tickets that are there."""
    for name in ("sla_policy", "branch"):
        op.add_column("ticket", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    rejected = sa.text("outcome = 'rejected'")
    op.create_index("inbox_rejected", "inbox", ["id"], sqlite_where=rejected, postgresql_where=rejected)
