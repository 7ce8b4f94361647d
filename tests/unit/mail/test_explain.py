"""What `maild explain` prints of a mail."""

from __future__ import annotations

import json

from maild.mail import Identity, as_json, classify, read_mail, reply_text

KEYS = [
    "message_id", "subject", "from", "to", "cc", "date", "text", "reply", "cut", "attachments", "kind", "kind_why",
    "acknowledge", "acknowledge_why", "failed_recipients", "defects",
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
        }
    ]
    assert (found["kind"], found["acknowledge"], found["failed_recipients"]) == ("human", True, [])


def test_a_bounce_names_who_was_not_reached() -> None:
    raw = b"From: MAILER-DAEMON@x.example\nSubject: failure notice\n\n<bob@example.org>:\nno such user\n"
    assert explain(raw)["failed_recipients"] == ["bob@example.org"]
