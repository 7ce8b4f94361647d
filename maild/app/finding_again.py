"""Leaves the clues by which a ticket is found again when a later mail brings no id and no address."""

from __future__ import annotations

from collections.abc import Iterator

from maild.app.desk import Desk
from maild.app.ledger import Ledger
from maild.app.prepare import Prepared
from maild.threading.clues import Clue, clue_key, quote_clues, thread_index_root
from maild.threading.evidence import LONGEST_ID, domain_of
from maild.threading.match import Link, Match
from maild.threading.subjects import base_subject, others_tags

_READERS = 5  # people besides the sender whose quotes of a mail are known again


def remember(prepared: Prepared, number: int, matched: Match, ledger: Ledger, desk: Desk) -> None:
    """Remember what a person's mail on this ticket has in common with those that may follow."""
    ledger.remember(_clues(prepared, number, matched, ledger, desk), number, prepared.row.received_at)


def _clues(prepared: Prepared, number: int, matched: Match, ledger: Ledger, desk: Desk) -> Iterator[str]:
    mail, person = prepared.mail, prepared.sender
    people = [p for p in ledger.known.participants.get(number, {}) if "@" in p]
    subject = base_subject(mail.subject, desk.tag).words
    # Everybody who got the first mail may answer it, each with a program that keeps nothing but its subject.
    for each in people if number in ledger.changes.opened else [person]:
        if subject:
            yield clue_key(Clue.SUBJECT, each, subject)
    for tag in others_tags(mail.subject, desk.tag):
        yield clue_key(Clue.OTHERS_TAG, person, tag)
        yield clue_key(Clue.OTHERS_TAG, domain_of(person), tag)
    if root := thread_index_root(mail.header("thread-index")):
        yield clue_key(Clue.THREAD_INDEX, person, root)
        yield clue_key(Clue.THREAD_INDEX, "", root)
    yield from quote_clues(prepared.reply.text, [p for p in people if p != person][:_READERS])
    if prepared.readers:
        yield from quote_clues(prepared.reply.text, [prepared.readers], subject=subject)
    if matched.linked is not None and matched.linked_why == Link.CLOSED:
        yield clue_key(Clue.AFTER, person, matched.linked)
    # An id that another ticket has: this sender's answers to it belong here (PAINS row 14).
    for message_id in sorted(prepared.answered):
        if ledger.known.threads.get(message_id[:LONGEST_ID]) != number:
            yield clue_key(Clue.REFERRED, person, message_id[:LONGEST_ID])
