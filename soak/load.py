"""Who writes: customers, agents, machines and bounces, by SMTP and into the mailbox, as untidily as in life.

A mail that got no 250 is sent again until it does, as mail systems do. What the door says is kept: for
our own trouble 4xx is right, 5xx would make the sender give up.
"""

from __future__ import annotations

import random
import smtplib
import threading
from collections import Counter, deque
from dataclasses import dataclass, field

from maild.testing.mails import delivery_report, envelope_of, new_mail, reply_to
from maild.testing.sink import Posted
from soak.house import House

SUPPORT = "support@example.com"
_AGENTS = ("anna@staff.example", "ben@staff.example")
_COMMANDS = ("", "", "", "#hold waiting for a part", "#resolve", "#priority high", "#note for us only", "#take")
_PAUSE = 0.05  # seconds until a mail without 250 is tried again


@dataclass
class Said:
    """What was sent, and what the door answered."""

    sent: Counter[str] = field(default_factory=Counter)  # by sort
    answers: Counter[str] = field(default_factory=Counter)  # by code; "" is no answer
    refused: list[str] = field(default_factory=list)  # every 5xx: there should be none
    delivered: int = 0  # into the mailbox


class Load:
    """Writers, each a thread with dice of its own; `per_second` mails together."""

    def __init__(self, house: House, seed: int, *, writers: int = 3, per_second: float = 6.0) -> None:
        self.house, self.said = house, Said()
        self._pace = writers / per_second
        self._lock = threading.Lock()
        self._number = 0
        self._past: deque[bytes] = deque(maxlen=200)
        self._go, self._end = threading.Event(), threading.Event()
        self._busy = [threading.Lock() for _ in range(writers)]
        self._threads = [
            threading.Thread(target=self._write, args=(random.Random(f"{seed}/{n}"), n), daemon=True)
            for n in range(writers)
        ]
        for thread in self._threads:
            thread.start()

    def go(self) -> None:
        """Write."""
        self._go.set()

    def pause(self) -> None:
        """Stop writing, and return when every mail that was begun has its 250."""
        self._go.clear()
        for busy in self._busy:
            with busy:
                pass

    def close(self) -> None:
        """Write no more."""
        self._end.set()
        self._go.set()
        for thread in self._threads:
            thread.join()

    def probe(self) -> str:
        """One new mail by SMTP, sent until it gets 250; the address that its acknowledgement will go to."""
        with self._lock:
            self._number += 1
            address = f"probe{self._number}@customer.example"
        self._send(new_mail("Is somebody there?", sender=f"Probe <{address}>", subject="Probe"), None, "probe")
        return address

    def _write(self, dice: random.Random, place: int) -> None:
        while not self._end.is_set():
            self._go.wait()
            with self._busy[place]:
                if self._end.is_set() or not self._go.is_set():
                    continue
                for sort, raw, sender in self._next(dice):
                    if sort != "bounce" and SUPPORT in envelope_of(raw)[1] and dice.random() < 0.25:
                        self._deliver(raw, sort)
                    else:
                        self._send(raw, sender, sort)
            self._end.wait(dice.expovariate(1 / self._pace))

    def _deliver(self, raw: bytes, sort: str) -> None:
        self.house.dovecot.deliver(raw)
        with self._lock:
            self.house.desk.accepted.append(raw)  # it is ours now: it must come out of the mailbox
            self.said.delivered += 1
            self.said.sent[sort] += 1

    def _send(self, raw: bytes, sender: str | None, sort: str) -> None:
        desks = self.house.desks
        tries = 0
        while not self._end.is_set():
            try:
                desks[tries % len(desks)].send(raw, sender=sender, to=envelope_of(raw)[1])
                code = 250
            except smtplib.SMTPRecipientsRefused as refused:
                code = next(iter(refused.recipients.values()))[0]
            except smtplib.SMTPResponseException as refused:
                code = refused.smtp_code
            except (smtplib.SMTPException, OSError):
                code = 0
            with self._lock:
                self.said.answers[str(code or "")] += 1
                if code == 250:
                    self.said.sent[sort] += 1
                    self._past.append(raw)
                if code >= 500:
                    self.said.refused.append(f"{sort}: {code}: {raw[:300]!r}")
            if code == 250 or code >= 500:
                return
            tries += 1
            self._end.wait(_PAUSE)

    def _next(self, dice: random.Random) -> list[tuple[str, bytes, str | None]]:
        """The next mails of one writer: (sort, bytes, envelope sender if not the one in From)."""
        with self._lock:
            self._number += 1
            number = self._number
        letters = self.house.desk.sink.posted[-300:]
        text = f"Mail {number}: it does not work."
        sort = dice.choices(*zip(*_MIX, strict=True))[0]
        letter = dice.choice(letters) if letters else None
        if sort == "duplicate" and self._past:
            return [(sort, dice.choice(list(self._past)), None)]
        if sort == "reordered":
            return [("reordered", raw, None) for raw in _thread(dice, number)]
        if letter is None or not letter.mail["Message-ID"]:
            sort = "new"
        if sort == "new" or letter is None:
            customer = dice.randrange(40)
            return [("new", new_mail(text, sender=f"Kim <kim{customer}@customer.example>"), None)]
        return [_about(sort, letter, text, dice)]


_MIX = [
    ("new", 30),
    ("reply", 25),
    ("answer", 20),
    ("duplicate", 10),
    ("reordered", 5),
    ("auto-reply", 6),
    ("bounce", 4),
]


def _about(sort: str, letter: Posted, text: str, dice: random.Random) -> tuple[str, bytes, str | None]:
    """A mail about one of our letters."""
    if sort == "bounce" and letter.sender:
        return "bounce", delivery_report(letter), ""
    if sort == "auto-reply":
        return sort, reply_to(letter, f"I am away. {text}", headers={"Auto-Submitted": "auto-replied"}), None
    if letter.recipients[0] in _AGENTS:
        return "answer", reply_to(letter, f"{dice.choice(_COMMANDS)}\n\n{text} Please oil it."), None
    return "reply", reply_to(letter, text), None


def _thread(dice: random.Random, number: int) -> list[bytes]:
    """A customer's mail and two that follow it, not in their order."""
    ids = [f"r{number}.{count}.{dice.random()}@customer.example" for count in range(3)]
    mails = [
        new_mail(
            f"Mail {count} of thread {number}",
            sender=f"Kim <kim{number % 40}@customer.example>",
            subject="Re: it" if count else "it",
            message_id=ids[count],
            headers={"References": " ".join(f"<{i}>" for i in ids[:count])} if count else {},
        )
        for count in range(3)
    ]
    dice.shuffle(mails)
    return mails
