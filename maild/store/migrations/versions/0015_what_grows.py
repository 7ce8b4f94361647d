"""An index for a question that cost more with every mail: how many came in the last day."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the index."""
    op.create_index("inbox_received", "inbox", ["received_at"])
