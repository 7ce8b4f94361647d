"""What `maild explain` prints of a mail."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from maild.mail import Identity, as_json, classify, read_mail, reply_text, with_absence

KEYS = [
    "message_id", "subject", "from", "to", "cc", "date", "text", "reply", "cut", "attachments", "invitation",
    "kind", "kind_why", "acknowledge", "acknowledge_why", "failed_recipients", "bounce", "away_until", "defects",
]  # fmt: skip


def explain(raw: bytes) -> dict[str, object]:
    mail = read_mail(raw)
    found = as_json(mail, classify(mail, None, Identity()), reply_text(mail))
    return dict(json.loads(json.dumps(found)))


def test_the_keys_are_fixed() -> None:
    assert list(explain(b"")) == KEYS


def test_the_values() -> None:
    found = explain(
        b"From: Ann <ann@example.org>\nTo: s@example.com\nDate: Tue, 7 May 2024 10:00:00 +0000\nMessage-ID: <1@x>\n"
        b"Subject: Hi\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nNew\n\n> old\n"
        b"--x\nContent-Type: image/png; name=a.png\n\nabc\n--x--\n"
    )
    assert found["from"] == {"name": "Ann", "address": "ann@example.org"}
    assert found["to"] == [{"name": "", "address": "s@example.com"}]
    assert found["date"] == "2024-05-07T10:00:00+00:00"
    assert (found["message_id"], found["subject"], found["reply"]) == ("1@x", "Hi", "New")
    assert found["cut"] == "> old"
    assert found["attachments"] == [
        {
            "name": "a.png",
            "type": "image/png",
            "size": 3,
            "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "inline": False,
            "part": "2",
        }
    ]
    assert (found["kind"], found["acknowledge"], found["failed_recipients"]) == ("human", True, [])


def test_a_bounce_names_who_was_not_reached() -> None:
    raw = b"From: MAILER-DAEMON@x.example\nSubject: failure notice\n\n<bob@example.org>:\nno such user\n"
    found = explain(raw)
    assert found["failed_recipients"] == ["bob@example.org"]
    assert found["bounce"] == {
        "permanent": True,
        "status": "",
        "diagnostic": "no such user",
        "returned_message_id": "",
    }


def test_an_automatic_reply_names_the_last_day_away() -> None:
    mail = read_mail(b"From: ann@example.org\nAuto-Submitted: auto-replied\n\nI am away until 2027-01-05.\n")
    reply = reply_text(mail)
    verdict = with_absence(classify(mail, None, Identity()), mail, reply, datetime(2026, 12, 14, tzinfo=UTC))
    assert as_json(mail, verdict, reply)["away_until"] == "2027-01-05"


def test_a_person_is_not_taken_for_absent() -> None:
    mail = read_mail(b"From: ann@example.org\n\nI am away until 2027-01-05.\n")
    verdict = classify(mail, None, Identity())
    assert with_absence(verdict, mail, reply_text(mail), datetime(2026, 12, 14, tzinfo=UTC)) == verdict
