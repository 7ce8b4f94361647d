"""The words of tickets, for search, in the way of each database; and an organisation's tickets in order."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

# What we store are terms and blanks, so this tokenizer has nothing to decide: to it, every byte beyond ASCII
# is a letter. Words are searched for, never ranked, so the length of a row is not kept.
_SQLITE = "CREATE VIRTUAL TABLE search_words USING fts5(words, tokenize = \"ascii tokenchars '_'\", columnsize = 0)"


def upgrade() -> None:
    """Make the tables; every ticket that is there is read into them in quiet moments."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_SQLITE)
    else:
        op.create_table(
            "search_words",
            sa.Column("ticket", sa.BigInteger(), nullable=False, autoincrement=False),
            sa.Column("words", sa.dialects.postgresql.TSVECTOR(), nullable=False),
            sa.PrimaryKeyConstraint("ticket"),
        )
        op.create_index("search_words_words", "search_words", ["words"], postgresql_using="gin")
    op.create_table(
        "search_due",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ticket", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("search_due_ticket", "search_due", ["ticket"])
    op.execute("INSERT INTO search_due (ticket) SELECT number FROM ticket ORDER BY number")
    named = sa.text("customer <> ''")
    op.create_index("ticket_customer", "ticket", ["customer", "number"], sqlite_where=named, postgresql_where=named)
