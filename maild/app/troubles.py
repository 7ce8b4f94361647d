"""What is in trouble: facts about an installation in, troubles with their reasons out (pure).

`maild status`, the metrics and the alerts by mail all ask here, so they can never disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from maild.app.trouble_facts import Facts, Outage

_EASE = 0.8  # what is in trouble stays so until it is this far from its limit, so that it does not flicker
_SOON = timedelta(minutes=1)  # shorter outages are not worth a letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Where trouble begins."""

    mailbox_silent: timedelta = timedelta(minutes=15)
    mail_waits: timedelta = timedelta(minutes=15)
    letter_waits: timedelta = timedelta(hours=4)
    letters_waiting: int = 1000
    free_disk: int = 1 << 30  # bytes
    expires: timedelta = timedelta(days=14)
    process_silent: timedelta = timedelta(minutes=2)
    backup_age: timedelta | None = None  # None: nobody wants to be told


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that needs a person."""

    name: str  # stays the same as long as it lasts: "mailbox office", "disk on desk1"
    says: str  # what is so
    advice: str = ""
    command: str = ""
    over: bool = False  # it is told of once, and nothing remains to be watched


_OF_A_MACHINE = ("process", "disk", "certificate", "token", "backup")


def machine_in(name: str) -> str:
    """The machine that a trouble with this name is of; "" when it is everybody's."""
    sort, on, machine = name.partition(" ")[0], *name.rpartition(" on ")[1:]
    return machine if on and sort in _OF_A_MACHINE else ""


def told_by(facts: Facts, *, shared: bool) -> Callable[[str], bool]:
    """Which troubles, by their names, one process tells for all, and which one on each machine tells of its own.

    What was told by a machine on which nobody lives any more is everybody's.
    """
    elsewhere = {each.machine for each in facts.processes} - {facts.here}

    def tells(name: str) -> bool:
        machine = machine_in(name)
        return machine not in elsewhere | {facts.here} if shared else machine == facts.here

    return tells


def troubles(facts: Facts, bounds: Bounds, standing: Collection[str] = ()) -> list[Trouble]:
    """Everything that needs a person, the gravest first; `standing` are the names of what was in trouble before."""
    return [
        *_database(facts),
        *_processes(facts, bounds),
        *_disk(facts, bounds, standing),
        *_mailboxes(facts, bounds),
        *_inbox(facts, bounds),
        *_outbox(facts, bounds, standing),
        *_clocks(facts, bounds),
        *_broker(facts),
        *_expiries(facts, bounds),
        *_backup(facts, bounds),
    ]


def living(facts: Facts, role: str, silent: timedelta) -> int:
    """How many processes with a role were heard of lately."""
    return sum(1 for each in facts.processes if role in each.roles and each.silent < silent and not each.died)


def _late(facts: Facts, bounds: Bounds, moment: datetime | None, limit: timedelta) -> bool:
    """Whether what was due then has waited for too long; what waited while nobody could work gets time to be done."""
    resuming = facts.resumed is not None and facts.now - facts.resumed < bounds.process_silent
    return moment is not None and facts.now - moment >= limit and not resuming


def _database(facts: Facts) -> Iterator[Trouble]:
    outage = facts.outage
    if outage is not None and outage.until - outage.since >= _SOON:
        yield Trouble(
            name="database",
            says=f"The database was away from {_at(outage.since)} to {_at(outage.until)} ({span(_length(outage))})",
            advice="It is back. Mail was answered with 4xx meanwhile and comes again; what had got 250 is safe.",
            command="maild doctor",
            over=True,
        )


def _length(outage: Outage) -> timedelta:
    return outage.until - outage.since


def _processes(facts: Facts, bounds: Bounds) -> Iterator[Trouble]:
    for each in facts.processes:
        if each.died and "doors" in each.roles and each.silent >= _SOON:  # who is started again takes its place
            yield Trouble(
                name=f"process {each.pid} on {each.machine}",
                says=f"Process {each.name} died {span(each.silent)} ago and was not started again",
                advice="It read mailboxes and kept doors open. Start it, and read why it ended:",
                command="systemctl status maild",
            )
    awaited = facts.worker_seen is not None and facts.now - facts.worker_seen < bounds.process_silent
    if facts.processes and not awaited and not living(facts, "worker", bounds.process_silent):
        yield Trouble(
            name="workers",
            says="No worker is alive: nobody works on the mail that comes in",
            advice="Start one, or read why it ended:",
            command="systemctl status maild maild-worker",
        )


def _disk(facts: Facts, bounds: Bounds, standing: Collection[str]) -> Iterator[Trouble]:
    name = f"disk{_on(facts)}"
    least = bounds.free_disk / _EASE if name in standing else bounds.free_disk
    if facts.free_disk is not None and facts.free_disk < least:
        yield Trouble(
            name=name,
            says=f"Only {facts.free_disk >> 20} MiB are free for the data folder{_on(facts)}",
            advice="Make room: with less than limits.free_disk no mail is taken.",
            command="maild status",
        )


def _on(facts: Facts) -> str:
    return f" on {facts.here}" if facts.here else ""


def _mailboxes(facts: Facts, bounds: Bounds) -> Iterator[Trouble]:
    for box in facts.mailboxes:
        silent = facts.now - max(box.read_at or facts.since, facts.since)
        if silent >= bounds.mailbox_silent:
            why = f": {box.trouble}" if box.trouble else ""
            last = f"was not read for {span(facts.now - box.read_at)}" if box.read_at else "has never been read"
            yield Trouble(
                name=f"mailbox {box.name}",
                says=f"Mailbox {box.name} {last}{why}",
                advice="Mail waits on the server, nothing is lost. What is wrong with the connection says:",
                command="maild check",
            )


def _inbox(facts: Facts, bounds: Bounds) -> Iterator[Trouble]:
    if facts.mail_due is not None and _late(facts, bounds, facts.mail_due, bounds.mail_waits):
        yield Trouble(
            name="inbox",
            says=f"Mail waits for {span(facts.now - facts.mail_due)} ({facts.inbox.get('waiting', 0)} in all)",
            advice="It is safe, but workers are away or too slow:",
            command="maild status",
        )


def _outbox(facts: Facts, bounds: Bounds, standing: Collection[str]) -> Iterator[Trouble]:
    waiting = facts.outbox.get("waiting", 0)
    most = bounds.letters_waiting * (_EASE if "outbox" in standing else 1)
    why = ""
    if waiting > most:
        why = f"{waiting} letters wait to be sent"
    elif facts.letter_written is not None and _late(facts, bounds, facts.letter_written, bounds.letter_waits):
        why = f"A letter waits for {span(facts.now - facts.letter_written)}"
    elif facts.letter_due is not None and _late(facts, bounds, facts.letter_due, bounds.mail_waits):
        why = f"Letters are due for {span(facts.now - facts.letter_due)}, and nobody sends them"
    if why:
        yield Trouble(
            name="outbox",
            says=why,
            advice="They are kept and tried again. What the relay says:",
            command="maild outbox list --state waiting",
        )


def _clocks(facts: Facts, bounds: Bounds) -> Iterator[Trouble]:
    late = _late(facts, bounds, facts.next_look, bounds.mail_waits)
    if facts.processes and facts.next_look is not None and late:
        yield Trouble(
            name="clocks",
            says=f"Clocks are due for {span(facts.now - facts.next_look)}, and nobody looks at them",
            advice="Warnings and escalations wait. Why, says the log:",
            command="maild doctor",
        )


def _broker(facts: Facts) -> Iterator[Trouble]:
    if facts.broker_away is not None and facts.now - facts.broker_away >= _SOON:
        yield Trouble(
            name="broker",
            says=f"Redis does not answer for {span(facts.now - facts.broker_away)}",
            advice="Work goes on by looking into the database, a little later. Mend Redis:",
            command="maild check",
        )


def _expiries(facts: Facts, bounds: Bounds) -> Iterator[Trouble]:
    for each in facts.expiries:
        left = None if each.until is None else each.until - facts.now
        name = f"{each.what}{_on(facts)}"
        if each.trouble:
            says = f"The {name} cannot be used: {each.trouble}"
        elif left is not None and left <= timedelta():
            says = f"The {name} has expired"
        elif left is not None and left <= bounds.expires:
            says = f"The {name} expires in {span(left)}"
        else:
            continue
        yield Trouble(name=name, says=says, advice=each.advice, command=each.command)


def _backup(facts: Facts, bounds: Bounds) -> Iterator[Trouble]:
    if bounds.backup_age is None:
        return
    age = facts.now - (facts.backup_at or facts.since)
    if age >= bounds.backup_age:
        on = _on(facts)
        last = f"The last backup{on} is {span(age)} old" if facts.backup_at else f"There has been no backup{on} yet"
        yield Trouble(
            name=f"backup{on}",
            says=last,
            advice="Make one, and read why the timer did not:",
            command="systemctl status maild-backup",
        )


def span(length: timedelta) -> str:
    """A length of time in its largest unit, cut: 59 s, 3 min, 5 h, 12 d."""
    seconds = int(length.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
