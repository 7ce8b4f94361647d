"""After a restore, each mailbox is looked through for mails that came after the backup."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add the column; nobody has to look back."""
    op.add_column("mailbox", sa.Column("look_back", sa.DateTime(timezone=True)))
