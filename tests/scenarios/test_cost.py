"""The cost of a mail does not grow with the store: every statement of the daily work finds its rows by an index."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from maild.testing.conversation import Conversation
from maild.testing.databases import SqliteCopies
from maild.testing.mails import delivery_report, new_mail, reply_to

KIM, ANNA = "kim@customer.example", "anna@staff.example"
# Tables that hold a handful of rows whatever happens: reading them whole is right.
SMALL = ("SCAN lease", "SCAN mailbox")


@pytest.fixture
def talk(sqlite_copies: SqliteCopies, tmp_path: Path) -> Conversation:
    return Conversation(sqlite_copies.make(tmp_path), tmp_path)


def story(talk: Conversation) -> None:
    """What happens often: new mail, a duplicate, replies, an answer, a bounce, a flood, a digest, a sweep."""

    def take(raw: bytes, **envelope: Any) -> None:  # `receive` would read the whole inbox to tell what became of it
        talk.accept(raw, **envelope)
        talk.work()

    raw = new_mail()
    take(raw)
    take(raw)
    take(reply_to(talk.letters(KIM)[0], "More words."))
    take(reply_to(talk.letters(ANNA)[-1], "We are on it."))
    answer = talk.letters(KIM)[-1]
    take(delivery_report(answer), to=answer.sender, envelope_from="")
    for number in range(21):  # more than the agents are told of at once
        talk.accept(new_mail(f"Question {number}"))
    talk.work()
    talk.wait(timedelta(minutes=6))
    talk.parts.sweep.run()
    talk.work()
    assert "notifications were held back" in talk.letters(ANNA)[-1].text
    talk.wait(timedelta(days=90))
    talk.parts.sweep.run()
    talk.parts.sweep.ring_if_due()


def test_no_statement_of_the_daily_work_reads_a_whole_table(talk: Conversation) -> None:
    plans: set[str] = set()

    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE")):
            first = parameters[0] if isinstance(parameters, list) else parameters
            rows = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", first).fetchall()
            plans.update(f"{row[3]}   <-   {' '.join(statement.split())[:150]}" for row in rows)

    event.listen(talk.database.engine, "before_cursor_execute", explain)
    story(talk)
    scans = [p for p in plans if p.startswith("SCAN ") and "INDEX" not in p and not p.startswith(SMALL)]
    walks = [p for p in plans if "(rowid<?)" in p or "(rowid>?)" in p]
    # "found": the few tickets that the index of words has named before.
    derived = [p for p in scans if p.startswith(("SCAN anon_", "SCAN (subquery", "SCAN CONSTANT", "SCAN found "))]
    talk.close()
    assert plans
    assert sorted(set(scans + walks) - set(derived)) == []


def test_a_sender_with_many_tickets_costs_no_further_query(talk: Conversation) -> None:
    statements: list[str] = []
    event.listen(
        talk.database.engine, "before_cursor_execute", lambda _c, _cur, statement, *_: statements.append(statement)
    )

    def cost(raw: bytes) -> int:
        statements.clear()
        talk.accept(raw)
        talk.parts.ingest.run()
        return len(statements)

    quote = "\n".join(f"> line {i} of what was said before" for i in range(50))
    alone = cost(new_mail(f"So?\n\n{quote}", subject="Re: Matter 0"))
    for i in range(1, 40):
        cost(new_mail(subject=f"Matter {i}"))
    many = cost(new_mail(f"Well?\n\n{quote}", subject="Re: Matter 7"))
    talk.close()
    assert many <= alone
