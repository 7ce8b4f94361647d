"""The warranty claim that a ticket belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the field; no ticket has one yet."""
    op.add_column("ticket", sa.Column("claim", sa.Text(), nullable=False, server_default=""))
