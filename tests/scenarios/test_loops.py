"""Mail loops and floods end by themselves after a few mails, whatever the other side is.

Desks and machines are wired to each other: what one writes, the other gets, some seconds later by a clock that
the test moves. Every mail on a wire is counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import parseaddr
from itertools import count
from pathlib import Path

import pytest

from maild.app.arrival import Arrival, Door
from maild.store import schema
from maild.testing.conversation import SETTINGS, Conversation
from maild.testing.databases import SqliteCopies
from maild.testing.invariants import check
from maild.testing.mails import new_mail, reply_to
from maild.testing.sink import Posted

KIM, ANNA, BEN, ROOT = "kim@customer.example", "anna@staff.example", "ben@staff.example", "root@example.com"
OTHER = "support@other.example"
OTHER_SETTINGS = """
[desk]
name = "Other Support"
address = "support@other.example"
secret = "fedcba9876543210fedcba9876543210"
alerts_to = ["root@other.example"]

[[agent]]
name = "Bea Agent"
address = "bea@other-staff.example"
"""

Mails = list[tuple[bytes, str]]  # each with its reverse-path
Machine = Callable[[Posted], Mails]
_HOP, _SWEEP = timedelta(seconds=5), timedelta(minutes=1)


class Wires:
    """Desks and machines by their addresses, and what travels between them."""

    def __init__(self, *desks: Conversation) -> None:
        self.desks = desks
        self.machines: dict[str, Machine] = {}
        self.on_the_way: Callable[[bytes], bytes] = lambda raw: raw
        self.strip_path = False
        self.carried = 0
        self._seen = [0 for _ in desks]

    def run(self, length: timedelta) -> None:
        """Carry mails until the time is over; the sweep goes by once a minute, less often the longer it is quiet."""
        left, quiet = length, _SWEEP
        while left > timedelta():
            busy = self._carry()
            quiet = _SWEEP if busy else min(quiet * 1.5, timedelta(hours=1))
            step = _HOP if busy else quiet
            left -= step
            for desk in self.desks:
                desk.wait(step)
                if not busy or desk.now.second == 0:
                    desk.parts.sweep.run()
                    desk.work()

    def _carry(self) -> bool:
        """Deliver what was written since the last time; whether there was anything that is answered."""
        fresh = []
        for at, desk in enumerate(self.desks):
            fresh += desk.sender.posted[self._seen[at] :]
            self._seen[at] = len(desk.sender.posted)
        mails: Mails = []
        for letter in fresh:
            self.carried += 1
            [recipient] = letter.recipients
            raw = self.on_the_way(letter.raw)
            sender = parseaddr(str(letter.mail["From"]))[1] if self.strip_path else letter.sender
            if not self._deliver(raw, recipient, sender) and recipient in self.machines:
                mails += self.machines[recipient](letter)
        for raw, sender in mails:
            self.carried += 1
            to = parseaddr(_header(raw, "To"))[1]
            assert self._deliver(raw, to, sender), to
        for desk in self.desks:
            desk.work()
        return bool(fresh)

    def _deliver(self, raw: bytes, to: str, sender: str) -> bool:
        for desk in self.desks:
            if desk.parts.desk.is_ours(to):
                desk.accept(raw, to=to, envelope_from=sender)
                return True
        return False


def _header(raw: bytes, name: str) -> str:
    head = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("utf-8", "replace").split("\n")
    return next((line.partition(":")[2].strip() for line in head if line.lower().startswith(name.lower() + ":")), "")


_NUMBERS = count(1)
_MARKS = (
    "auto-submitted",
    "x-auto-response-suppress",
    "precedence",
    "references",
    "in-reply-to",
    "reply-to",
    "return-path",
    "x-loop",
    "feedback-id",
)


def stripped(raw: bytes) -> bytes:
    """A letter as a gateway leaves it that rewrites ids and drops every header it does not know."""
    head, _, body = raw.partition(b"\r\n\r\n")
    kept: list[bytes] = []
    keeps = True
    for line in head.split(b"\r\n"):
        if not line[:1].isspace():
            keeps = line.partition(b":")[0].decode("ascii", "replace").lower() not in (*_MARKS, "message-id")
        if keeps:
            kept.append(line)
    kept.append(f"Message-ID: <rewritten.{next(_NUMBERS)}@gateway.example>".encode())
    return b"\r\n".join(kept) + b"\r\n\r\n" + body


def retitled(raw: bytes) -> bytes:
    """The same under a subject that says nothing."""
    return re.sub(rb"(?m)^Subject: .*$", f"Subject: Message {next(_NUMBERS)}".encode(), raw, count=1)


def answers_everything(letter: Posted) -> Mails:
    """A machine without manners: a fresh mail to From, which nothing tells from a person's."""
    number, own = next(_NUMBERS), letter.recipients[0]
    to = parseaddr(str(letter.mail["From"]))[1]
    return [(new_mail(f"Your matter {number} is looked after.", sender=own, to=to, subject=f"Matter {number}"), own)]


def answers_like_a_client(letter: Posted) -> Mails:
    """A machine that uses "reply" of a mail client, to Reply-To, again without any mark."""
    return [
        (reply_to(letter, f"I am away, number {next(_NUMBERS)}.", sender=letter.recipients[0]), letter.recipients[0])
    ]


def bounces_like_a_person(letter: Posted) -> Mails:
    """A mailbox whose system reports failures as an ordinary mail from an ordinary address, in its own words."""
    own = f"it@{letter.recipients[0].partition('@')[2]}"
    text = f"Hello,\n\nwe have nobody called {letter.recipients[0]}. Case {next(_NUMBERS)}.\n\nYour IT"
    to = parseaddr(str(letter.mail["From"]))[1]
    return [(new_mail(text, sender=f"IT <{own}>", to=to, subject=f"Re: {letter.mail['Subject']}"), own)]


def vacation(*, marked: bool) -> Machine:
    """A vacation program: once a sender [RFC 5230 §4.2]; an old one marks nothing and answers From."""
    answered: set[str] = set()

    def answer(letter: Posted) -> Mails:
        own, writer = letter.recipients[0], parseaddr(str(letter.mail["From"]))[1]
        if writer in answered:
            return []
        answered.add(writer)
        if marked:
            headers = {"Auto-Submitted": "auto-replied", "In-Reply-To": str(letter.mail["Message-ID"])}
            return [(new_mail("I am away.", sender=own, to=letter.sender, subject="Away", headers=headers), "")]
        return [(new_mail("I am away.", sender=own, to=writer, subject="Gone fishing"), own)]

    return answer


@pytest.fixture
def make(sqlite_copies: SqliteCopies, tmp_path: Path) -> Iterator[Callable[[str], Conversation]]:
    """Makes desks, each with a database of its own; at the end every invariant must hold for each."""
    made: list[Conversation] = []

    def desk(settings: str = SETTINGS) -> Conversation:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Conversation(sqlite_copies.make(folder), folder, settings=settings))
        return made[-1]

    yield desk
    faults = [fault for talk in made for fault in check(talk.database, posted=talk.sender.posted)]
    for talk in made:
        talk.close()
    assert faults == []


def templates(talk: Conversation, recipient: str = "") -> Counter[str]:
    """How many letters of each sort were written, to one address or at all."""
    return Counter(row.template for row in talk.rows(schema.outbox) if not recipient or row.recipient == recipient)


def alerts(talk: Conversation) -> list[str]:
    return [str(letter.mail["Subject"]) for letter in talk.letters(ROOT)]


DAY = timedelta(days=1)
FLOOD = "[maild] A flood or a loop: letters are held back"


# ---------------------------------------------------------------------------- two desks


def test_two_desks_that_write_to_each_other_stop_at_the_first_answer(make: Callable[[str], Conversation]) -> None:
    ours, theirs = make(SETTINGS), make(OTHER_SETTINGS)
    wires = Wires(ours, theirs)
    ours.receive(new_mail("We need a part.", sender=f"Other Support <{OTHER}>", subject="A part"))
    wires.run(DAY)
    assert templates(ours) == {"acknowledgement": 1, "notification": 2}
    assert templates(theirs) == {}  # our acknowledgement opens no ticket there
    assert wires.carried == 3


@pytest.mark.parametrize(
    ("gateway", "most"),
    [
        pytest.param(stripped, 2, id="marks and ids are gone: the subject's tag joins the ticket"),
        pytest.param(lambda raw: retitled(stripped(raw)), 20, id="the subject is gone, too: the budget ends it"),
    ],
)
def test_two_desks_behind_a_gateway_that_strips_every_mark_end(
    make: Callable[[str], Conversation], gateway: Callable[[bytes], bytes], most: int
) -> None:
    ours, theirs = make(SETTINGS), make(OTHER_SETTINGS)
    wires = Wires(ours, theirs)
    wires.on_the_way, wires.strip_path = gateway, True
    ours.receive(new_mail("We need a part.", sender=f"Other Support <{OTHER}>", subject="A part"))
    wires.run(DAY)
    assert templates(ours)["acknowledgement"] + templates(theirs)["acknowledgement"] == most
    assert alerts(ours) == ([FLOOD] if most == 20 else [])
    first = wires.carried
    wires.run(2 * DAY)
    assert wires.carried == first  # it has ended, and does not begin again


# ---------------------------------------------------------------------------- machines as customers


@pytest.mark.parametrize(
    ("machine", "acknowledged"), [(answers_everything, 10), (answers_like_a_client, 1), (bounces_like_a_person, 2)]
)
def test_a_machine_that_answers_every_letter_is_left_alone_after_a_few(
    make: Callable[[str], Conversation], machine: Machine, acknowledged: int
) -> None:
    talk = make(SETTINGS)
    wires = Wires(talk)
    wires.machines = {KIM: machine, "it@customer.example": machine}
    talk.receive(new_mail())
    wires.run(DAY)
    assert templates(talk)["acknowledgement"] == acknowledged
    assert alerts(talk) == ([FLOOD] if acknowledged == 10 else [])
    before = wires.carried
    wires.run(2 * DAY)
    assert wires.carried == before


def test_a_machine_that_always_says_the_same_is_answered_once(make: Callable[[str], Conversation]) -> None:
    talk = make(SETTINGS)
    wires = Wires(talk)
    wires.machines = {
        KIM: lambda letter: [
            (new_mail("We got your mail.", sender=KIM, subject="Received"), KIM) for _ in letter.recipients
        ]
    }
    talk.receive(new_mail())
    wires.run(DAY)
    assert templates(talk)["acknowledgement"] == 2
    assert "not acknowledged: the sender wrote the same words within a day" in talk.settled()[-1].why


def test_who_answers_the_reverse_path_of_a_letter_is_not_acknowledged(make: Callable[[str], Conversation]) -> None:
    talk = make(SETTINGS)
    talk.receive(new_mail())
    path = talk.letters(KIM)[0].sender
    done = talk.receive(new_mail("Thank you!", sender="helping.hand@customer.example", to=path), to=path)
    assert "not acknowledged: it came to the bounce address of a letter" in done.why
    assert talk.letters("helping.hand@customer.example") == []


# ---------------------------------------------------------------------------- machines as agents


def test_an_agents_machine_that_answers_notifications_and_a_customers_one_stop_each_other(
    make: Callable[[str], Conversation],
) -> None:
    talk = make(SETTINGS)
    wires = Wires(talk)
    wires.machines = {KIM: answers_like_a_client, ANNA: answers_like_a_client}
    talk.receive(new_mail())
    wires.run(DAY)
    sent = templates(talk)
    assert sent["answer"] == 10
    assert sent["problem"] <= 20
    assert any("a machine seems to answer here" in settled.why for settled in talk.settled())
    assert 1 <= len(alerts(talk)) <= 2  # of the ticket, and of the agent
    before = wires.carried
    wires.run(2 * DAY)
    assert wires.carried == before


def forwards_everything(letter: Posted) -> Mails:
    """An agent's mailbox that sends all mail back to us, through a gateway that rewrites ids."""
    return [(stripped(letter.raw).replace(b"To: ", b"X-To: ", 1) + b"\r\n", letter.recipients[0])]


def answers_as_another(letter: Posted) -> Mails:
    """The machine of a mailbox whose own address is not the one that we write to."""
    return [(raw.replace(b"From: anna@", b"From: anna.berg@", 1), path) for raw, path in answers_everything(letter)]


def to_support(machine: Machine) -> Machine:
    """The same machine, whose mails go to the support address."""
    return lambda letter: [(b"To: support@example.com\r\n" + raw, path) for raw, path in machine(letter)]


@pytest.mark.parametrize(
    ("machines", "notified"),
    [
        pytest.param({ANNA: answers_everything}, 20, id="one that opens tickets"),
        pytest.param({ANNA: answers_everything, BEN: answers_everything}, 20, id="two that open tickets"),
        pytest.param({ANNA: to_support(forwards_everything)}, 20, id="one that sends everything back to us"),
    ],
)
def test_agents_machines_end(make: Callable[[str], Conversation], machines: dict[str, Machine], notified: int) -> None:
    talk = make(SETTINGS)
    wires = Wires(talk)
    wires.machines = machines
    talk.receive(new_mail())
    wires.run(DAY)
    to_anna = templates(talk, ANNA)
    assert to_anna["acknowledgement"] <= 10
    assert to_anna["notification"] == notified
    assert to_anna["digest"] == 0
    before = wires.carried
    wires.run(2 * DAY)
    assert wires.carried == before


def test_an_agents_machine_that_writes_from_another_address_ends(make: Callable[[str], Conversation]) -> None:
    talk = make(SETTINGS)
    wires = Wires(talk)
    wires.machines = {ANNA: answers_as_another, "anna.berg@staff.example": answers_as_another}
    talk.receive(new_mail())
    wires.run(DAY)
    assert 100 < len(talk.rows(schema.ticket)) <= 120  # it was told of 100 mails
    assert len(talk.letters(ANNA)) <= 120
    before = wires.carried
    wires.run(2 * DAY)
    assert wires.carried == before


def test_a_proved_agents_mistaken_mails_are_told_only_so_often(make: Callable[[str], Conversation]) -> None:
    talk = make(SETTINGS)
    wires = Wires(talk)
    wires.machines = {
        ANNA: lambda letter: (
            [(reply_to(letter, f"#nonsense {next(_NUMBERS)}", sender=ANNA), ANNA)] if letter.mail["Reply-To"] else []
        )
    }
    talk.receive(new_mail())
    wires.run(DAY)
    assert templates(talk, ANNA)["problem"] == 20
    assert f"{ANNA} is not told of it: budget:" in talk.settled()[-1].why
    assert alerts(talk) == [FLOOD]


# ---------------------------------------------------------------------------- three of them, two desks, one hour


def test_three_vacation_programs_and_two_desks_write_at_most_twenty_mails_in_an_hour(
    make: Callable[[str], Conversation],
) -> None:
    ours, theirs = make(SETTINGS), make(OTHER_SETTINGS)
    wires = Wires(ours, theirs)
    wires.machines = {
        KIM: vacation(marked=False),
        ANNA: vacation(marked=True),
        "bea@other-staff.example": vacation(marked=True),
    }
    mail = new_mail("Who of you can help?", to=f"support@example.com, {OTHER}")
    ours.accept(mail, to="support@example.com")
    theirs.accept(mail, to=OTHER)
    ours.work()
    theirs.work()
    wires.run(timedelta(hours=1))
    assert 2 + wires.carried <= 20


# ---------------------------------------------------------------------------- our own letters


def test_our_own_letters_that_keep_coming_back_are_alerted_of_once(make: Callable[[str], Conversation]) -> None:
    talk = make(SETTINGS)
    for number in range(6):
        talk.receive(new_mail(f"Question {number}"))
        [letter] = talk.letters(KIM)[number:]
        talk.receive(letter.raw, to="support@example.com", envelope_from=letter.sender)
        assert alerts(talk) == (["[maild] Our own letters come back"] if number >= 2 else [])


# ---------------------------------------------------------------------------- alerts


def sweep(talk: Conversation, minutes: int) -> None:
    talk.wait(timedelta(minutes=minutes))
    talk.parts.sweep.run()
    talk.work()


def test_the_same_flood_is_alerted_of_again_once_it_has_been_quiet_for_an_hour(
    make: Callable[[str], Conversation],
) -> None:
    talk = make(SETTINGS)

    def loop() -> None:
        for number in range(12):
            talk.receive(new_mail(f"{talk.now} {number}"))

    talk.wait(timedelta(minutes=50))  # whatever the hour of the clock is
    loop()
    talk.wait(timedelta(minutes=11))
    loop()
    assert len(alerts(talk)) == 1
    talk.wait(timedelta(minutes=62))
    loop()
    assert len(alerts(talk)) == 2


def test_alerts_about_budgets_leave_room_for_others(make: Callable[[str], Conversation]) -> None:
    talk = make(SETTINGS)
    for customer in range(9):
        flood(talk, [new_mail(f"{n}", sender=f"kim@customer{customer}.example") for n in range(11)])
    assert alerts(talk) == [FLOOD] * 5
    sweep(talk, 6)
    assert alerts(talk)[5:] == ["[maild] 5 alerts were held back"]  # of 9 addresses and the notifications
    sweep(talk, 6)
    assert len(alerts(talk)) == 6


def test_alerts_beyond_an_admins_budget_come_as_one(make: Callable[[str], Conversation]) -> None:
    talk = make(SETTINGS)
    too_much = {f"X-{number}": "x" for number in range(1001)}
    for number in range(14):
        assert talk.receive(new_mail(f"Mail {number}", headers=too_much)).outcome == "quarantined"
    assert len(alerts(talk)) == 10
    sweep(talk, 6)
    assert len(alerts(talk)) == 10  # the budget is not free yet
    sweep(talk, 6)
    assert alerts(talk)[10:] == ["[maild] 4 alerts were held back"]


# ---------------------------------------------------------------------------- floods


def flood(talk: Conversation, mails: list[bytes]) -> None:
    """Take all of them in, then work on them."""
    path, to = "bulk@customer.example", ("support@example.com",)
    talk.parts.inbox.accept(
        [Arrival(door=Door.LMTP, raw=raw, received_at=talk.now, envelope_from=path, envelope_to=to) for raw in mails]
    )
    talk.work()


def test_a_flood_of_one_sender(make: Callable[[str], Conversation]) -> None:
    talk = make(SETTINGS)
    flood(talk, [new_mail(f"Mail {number}") for number in range(500)])
    assert len(talk.rows(schema.ticket)) == 500  # every one of them has its ticket
    assert templates(talk) == {"acknowledgement": 10, "notification": 40, "alert": 3}
    assert alerts(talk) == [FLOOD] * 3  # of the address, of the notifications and of the sender
    talk.wait(timedelta(minutes=6))
    talk.parts.sweep.run()
    talk.work()
    talk.parts.sweep.run()  # nothing is left to be told
    talk.work()
    assert templates(talk) == {"acknowledgement": 10, "notification": 40, "alert": 3, "digest": 2}
    digest = talk.letters(ANNA)[-1].text
    assert "too many at once: 80" in digest
    assert "[#100]" in digest
    assert "Not listed: 30" in digest
    assert "the agents are not told of it: budget: agents were told of mails of" in talk.settled()[-1].why


def test_mails_that_name_no_sender_are_not_one_sender(make: Callable[[str], Conversation]) -> None:
    talk = make(f"{SETTINGS}\n[letters]\nsender_per_day = 2\n")
    for number in range(3):
        raw = new_mail(f"Mail {number}").replace(b"From: ", b"X-From: ", 1)
        talk.receive(raw, to="support@example.com", envelope_from="someone@customer.example")
    assert len(talk.letters(ANNA)) == 3


def test_a_flood_of_forged_senders_of_one_domain(make: Callable[[str], Conversation]) -> None:
    talk = make(SETTINGS)
    flood(talk, [new_mail(f"Mail {number}", sender=f"kim{number}@customer.example") for number in range(500)])
    assert templates(talk)["acknowledgement"] == 30
    assert len(talk.rows(schema.ticket)) == 500
    assert alerts(talk) == [FLOOD, FLOOD]


def test_a_flood_of_forged_senders_of_a_large_provider_meets_the_total(make: Callable[[str], Conversation]) -> None:
    talk = make(SETTINGS)
    flood(talk, [new_mail(f"Mail {number}", sender=f"kim{number}@gmail.com") for number in range(400)])
    assert templates(talk)["acknowledgement"] == 300
    assert alerts(talk) == [FLOOD, FLOOD]


def test_a_busy_hour_of_many_customers_meets_no_budget(make: Callable[[str], Conversation]) -> None:
    talk = make(SETTINGS)
    for number in range(60):
        talk.accept(new_mail(f"Mail {number}", sender=f"kim{number}@gmail.com"))
        talk.work()
        talk.wait(timedelta(minutes=2))
    assert templates(talk) == {"acknowledgement": 60, "notification": 120}


def test_no_address_gets_more_than_sixty_letters_in_an_hour_of_flood(make: Callable[[str], Conversation]) -> None:
    talk = make(SETTINGS)
    for minute in range(60):
        flood(talk, [new_mail(f"{minute}.{n}", sender=f"kim{minute}.{n}@gmail.com") for n in range(10)])
        talk.parts.sweep.run()
        talk.work()
        talk.wait(timedelta(minutes=1))
    most = Counter(p.recipients[0] for p in talk.sender.posted).most_common(1)[0]
    assert most[1] <= 60, most
