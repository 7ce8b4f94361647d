"""What an invitation says stands beside the mail that brought it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column."""
    op.add_column("mail", sa.Column("invitation", sa.JSON(none_as_null=True), nullable=True))
