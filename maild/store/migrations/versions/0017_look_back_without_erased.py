"""After a restore, mails of people who were erased are not read again."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add the column; nobody has to look back."""
    op.add_column("mailbox", sa.Column("look_back_without", sa.JSON()))
