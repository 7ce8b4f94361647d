"""Nothing that was said inside ever reaches anybody outside: one long story, then every byte that left is searched.

A letter to customers that is new has to be in CUSTOMERS, and something in the story has to cause it.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from email.header import decode_header, make_header
from quopri import decodestring

import pytest

from maild.ids import Purpose
from maild.store import schema
from maild.templates.facts import LETTERS
from maild.testing.clients import apple_mail, gmail_web, thunderbird
from maild.testing.conversation import SETTINGS, Conversation, Talk
from maild.testing.mails import delivery_report, new_mail, reply_to
from maild.testing.outlook import outlook_desktop
from maild.testing.sink import Posted

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # decisions, not storage

KIM, LEE, EVE = "kim@customer.example", "lee@customer.example", "eve@evil.example"
ANNA, BEN, BOSS, ROOT = "anna@staff.example", "ben@staff.example", "boss@staff.example", "root@example.com"
PRIVATE = "anna.at.home@mail.example"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

TO_US = frozenset(
    {
        *("notification", "assignment", "ticket", "list", "help", "approval", "low_rating", "offer", "confirmation"),
        *("problem", "question", "digest", "at_risk", "breach", "escalation", "sla_digest", "alert"),
    }
)
CUSTOMERS = LETTERS.keys() - TO_US

SETTINGS_OF_ALL = f"""{SETTINGS}
[authenticity]
trusted_ids = ["mx.example.com"]

[aftercare]
follow_ups = 1
follow_up_days = 1
confirm = true
tell_closed = true
tell_of_hold = true

[feedback]
enabled = true

[[team]]
name = "repairs"
agents = ["{ANNA}", "{BEN}"]
manager = "{BOSS}"

[[queue]]
name = "support"
addresses = ["support@example.com"]
team = "repairs"

[[rule]]
name = "no parcels"
when = {{ subject = "parcel" }}
then = {{ reject = "Please ask the post office." }}

[[rule]]
name = "hooked"
when = {{ subject = "hinge" }}
then = {{ webhook = "https://hooks.example.com/tickets" }}

[[reason]]
code = "torn_belt"
label = {{ en = "Torn belt" }}
keywords = {{ en = ["belt"] }}
asks = [{{ en = "a photograph", unless = "attachment" }}]

[[rule]]
name = "belts"
when = {{ subject = "belt" }}
then = {{ template = "missing_information" }}
"""
PASS = {"Authentication-Results": "mx.example.com; dmarc=pass header.from=staff.example"}
PASS_OF_KIM = "mx.example.com; dmarc=pass header.from=customer.example"
FORWARD = f"""\
Sesame01 be nice.

---------- Forwarded message ---------
From: Kim Kunde <{KIM}>
Date: Mon, 2 Mar 2026 at 08:00
Subject: My hinge
To: Anna <{ANNA}>

The hinge is bent.
"""
FILE = [("Sesame02.pdf", "application/pdf", b"Sesame03")]
# Whatever is said inside holds this word; so do agents' own addresses, and everything of their domain.
WORDS = ("sesame", "staff.example", PRIVATE)


def newest(talk: Conversation, agent: str, number: int | None = 1) -> Posted:
    """The newest letter to an agent about a ticket, which can be answered."""
    return [p for p in talk.letters(agent) if f"[#{number}]" in p.mail["Subject"] and "Reply-To" in p.mail][-1]


def signed(talk: Conversation, number: int | None, person: str, purpose: Purpose) -> str:
    return talk.parts.desk.signer.reply_address("support@example.com", number or 0, person, purpose)


def tell(talk: Conversation) -> None:
    """The story: everything that is kept inside, and everything that goes out around it."""
    talk.receive(new_mail(FORWARD, sender=f"Anna Agent <{ANNA}>", subject="Fwd: My hinge", headers=PASS, files=FILE))
    talk.receive(gmail_web(newest(talk, BEN), "#note\nSesame04 he lies, says Anna.", files=FILE))
    talk.receive(
        new_mail(
            "Sesame05 to his note address", sender=f"Ben <{BEN}>", to=signed(talk, 1, BEN, Purpose.NOTE), files=FILE
        )
    )
    talk.receive(outlook_desktop(newest(talk, ANNA), "#hold Sesame06 until he pays\n#priority high because Sesame07"))
    talk.receive(
        thunderbird(newest(talk, ANNA), "#escalate blocker=Sesame08 owner=Sesame09 eta=Sesame10\n#tag +sesame11")
    )
    talk.receive(apple_mail(newest(talk, ANNA), f"We look at it.\n\n#set root_cause Sesame12\n\nAnna Agent, {ANNA}"))
    talk.wait(HOUR)
    talk.receive(reply_to(talk.letters(KIM)[-1], "Any news?", headers={"Cc": f"Lee <{LEE}>"}))
    talk.receive(gmail_web(newest(talk, BEN), "#close sesame13", sender=f"Anna <{PRIVATE}>"))
    talk.receive(new_mail("Sesame14 in her name", sender=f"Anna <{ANNA}>", subject="Re: My hinge [#1]"))
    talk.receive(gmail_web(newest(talk, BEN), "Hello Kim,\n#note Sesame15 in the middle\nGoodbye"))
    talk.receive(delivery_report(newest(talk, BEN)), to=newest(talk, BEN).sender, envelope_from="")
    talk.receive(gmail_web(newest(talk, ANNA), "Here is the answer.\n\n#resolve resolved"))
    talk.wait(DAY)
    talk.receive(reply_to(talk.letters(KIM)[-1], "It is bent again.", sender=f"Lee <{LEE}>"))
    talk.receive(gmail_web(newest(talk, BEN), "#comment Sesame23\n#call Sesame24\n\nThen we send a new one."))
    talk.receive(gmail_web(newest(talk, BEN), "#comment a remark\nSesame25 in two lines\n\nGoodbye."))
    # The customer's other tickets, and other people's.
    talk.receive(new_mail("The belt is torn.", subject="A belt"))
    talk.receive(gmail_web(newest(talk, ANNA, 2), "#note Sesame16", files=FILE))
    talk.receive(gmail_web(newest(talk, ANNA, 2), "It comes on Friday.\n\n#close resolved"))
    talk.receive(new_mail("Where is my parcel?", subject="My parcel", sender=f"Eve <{EVE}>"))
    talk.receive(new_mail("Sesame17?", sender=f"Eve <{EVE}>", to=talk.letters(ANNA)[-1].mail["Reply-To"]))
    talk.receive(new_mail("What do you know?", sender=f"Eve <{EVE}>", subject="Re: My hinge [#1]"))
    # Ended in silence, merged, split, taken back, waited for, followed up, rated.
    ended, merged, older, held = (talk.receive(new_mail("It is bent.", subject=f"No {n}")).ticket for n in range(4))
    talk.receive(gmail_web(newest(talk, BEN, ended), "#resolve resolved Sesame18\n#cause Sesame19\n#path Sesame20"))
    talk.receive(gmail_web(newest(talk, BEN, merged), "#note Sesame21", files=FILE))
    talk.receive(gmail_web(newest(talk, BEN, merged), f"#merge {older}"))
    talk.receive(gmail_web(newest(talk, ANNA, older), "We look at both."))
    talk.receive(reply_to(talk.letters(KIM)[-1], "And at another one."))
    talk.receive(gmail_web(newest(talk, ANNA, older), "#split Another hinge"))
    talk.receive(gmail_web(newest(talk, ANNA, older), "#tag +sesame22"))
    talk.receive(gmail_web(newest(talk, ANNA, older), "#undo"))
    talk.receive(gmail_web(newest(talk, BEN, held), "#hold customer: the colour"))
    talk.receive(new_mail("", subject="status", headers={"Authentication-Results": PASS_OF_KIM}))
    for _ in range(20):
        talk.watch(DAY)
    for number in (1, 2, ended):
        talk.receive(new_mail("Good.", to=signed(talk, number, KIM, Purpose.RATE_5)))


def is_outside(letter: Posted) -> bool:
    return bool({KIM, LEE, EVE, PRIVATE}.intersection(letter.recipients)) or not {
        ANNA,
        BEN,
        BOSS,
        ROOT,
    }.issuperset(letter.recipients)


def all_of(letter: Posted) -> str:
    """Every byte of a letter: as it travels, each header decoded, each part decoded."""
    headers = [str(make_header(decode_header(str(value)))) for part in letter.mail.walk() for value in part.values()]
    parts = [part.get_payload(decode=True) or b"" for part in letter.mail.walk() if not part.is_multipart()]
    raw = (letter.raw, decodestring(letter.raw), *(part for part in parts if isinstance(part, bytes)))
    decoded = [each.decode("utf-8", "replace") for each in raw]
    return "\n".join((letter.sender, *letter.recipients, *headers, *decoded)).lower()


def test_nothing_from_inside_leaves(new_talk: Talk) -> None:
    talk = new_talk(settings=SETTINGS_OF_ALL)
    tell(talk)
    outside = [letter for letter in talk.sender.posted if is_outside(letter)]
    for letter in outside:
        text = all_of(letter)
        assert [word for word in WORDS if word in text] == [], f"{letter.mail['Subject']} to {letter.recipients}"
        assert b64encode(b"Sesame03") not in letter.raw
    # They are inside, or the test would search for what was never said.
    inside = "\n".join(all_of(letter) for letter in talk.sender.posted if not is_outside(letter))
    assert {f"sesame{n:02}" for n in (1, 4, 5, 6, 7, 8, 9, 10, 11, 15)} <= set(inside.replace(".", " ").split())
    assert talk.sender.called
    for call in talk.sender.called:
        assert all(word not in call.raw.decode().lower() for word in (*WORDS, "kim"))
    assert {"duplicate", "closed"} <= set(talk.statuses())  # merged, followed up
    assert [event.kind for event in talk.rows(schema.event)].count("rated") == 3
    # Every letter to customers was among them.
    posted = {letter.message_id for letter in outside}
    written = {row.template for row in talk.rows(schema.outbox) if row.message_id in posted}
    assert written <= CUSTOMERS, "a letter for agents went outside"
    assert written == CUSTOMERS, "a letter to customers is not caused by the story"
