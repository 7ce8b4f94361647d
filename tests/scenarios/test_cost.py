"""The cost of a mail does not grow with the store: every statement of the daily work finds its rows by an index."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from maild.store.at_risk import Whose, at_risk
from maild.store.listing import open_tickets_of
from maild.store.overview import read_overview
from maild.store.schema import metadata
from maild.testing.conversation import SETTINGS, Conversation
from maild.testing.databases import SqliteCopies
from maild.testing.mails import delivery_report, new_mail, reply_to

KIM, ANNA = "kim@customer.example", "anna@staff.example"
TRUSTING = SETTINGS + '\n[authenticity]\ntrusted_ids = ["mx.example.com"]\n'
PASS = {"Authentication-Results": "mx.example.com; dmarc=pass header.from=staff.example"}
# Tables that hold a handful of rows whatever happens: reading them whole is right.
SMALL = ("SCAN lease", "SCAN mailbox")
# Tables that get more rows with every mail.
LARGE = ("inbox", "mail", "raw", "ticket", "event", "clock", "outbox", "thread_key", "seen", "clue", "participant")

# Indexes over what is undone, which stay small.
PARTIAL = [index.name for table in metadata.tables.values() for index in table.indexes if index.dialect_kwargs]


@pytest.fixture
def talk(sqlite_copies: SqliteCopies, tmp_path: Path) -> Conversation:
    return Conversation(sqlite_copies.make(tmp_path), tmp_path, settings=TRUSTING)


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


def looks(talk: Conversation) -> None:
    """What people look at: lists by mail, a search, a customer's open tickets, the board of clocks, the status."""
    asked = ("mine", "unassigned", "at risk", "queue support", "search machine broken")
    for one in asked:
        talk.accept(new_mail("", sender=f"Anna <{ANNA}>", subject=one, headers=PASS))
        talk.work()
    answers = [str(letter.mail["Subject"]) for letter in talk.letters(ANNA)[-len(asked) :]]
    assert all(answer.startswith(one) for answer, one in zip(answers, asked, strict=True)), answers
    talk.parts.indexing.run()
    with talk.database.read() as connection:
        open_tickets_of(connection, KIM, "", talk.now, limit=10)
        at_risk(connection, Whose(), 10)
        read_overview(connection, talk.now)


def plans_of(talk: Conversation) -> set[str]:
    """The plans of all statements from now on, each with the statement."""
    plans: set[str] = set()

    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE")):
            first = parameters[0] if isinstance(parameters, list) else parameters
            rows = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", first).fetchall()
            plans.update(f"{row[3]}   <-   {' '.join(statement.split())[:150]}" for row in rows)

    event.listen(talk.database.engine, "before_cursor_execute", explain)
    return plans


def test_nothing_that_people_look_at_reads_a_whole_table_or_a_whole_index(talk: Conversation) -> None:
    story(talk)
    plans = plans_of(talk)
    looks(talk)
    talk.close()
    scans = {p for p in plans if p.startswith(tuple(f"SCAN {name} " for name in LARGE))}
    walks = {p for p in plans if p.startswith(tuple(f"SEARCH {name}   " for name in LARGE))}  # min() over a table
    small = {p for p in scans if any(f"INDEX {name} " in p for name in PARTIAL)}
    last = {p for p in walks if p.endswith("<-   SELECT max(raw.id) AS max_1 FROM raw")}  # the end of a table is found
    assert sorted((scans | walks) - small - last) == []


def test_no_statement_of_the_daily_work_reads_a_whole_table(talk: Conversation) -> None:
    plans = plans_of(talk)
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
