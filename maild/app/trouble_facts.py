"""What is known of an installation at one moment, by which trouble is seen: plain facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxFacts:
    """An IMAP mailbox as it was read last."""

    name: str
    read_at: datetime | None  # None: never
    trouble: str = ""  # what happened last, if that was trouble
    trouble_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """Something that ends unless a person acts: a certificate, a token."""

    what: str  # "certificate of 0.0.0.0:25", "token of mailbox:office"
    until: datetime | None  # None: nobody knows
    trouble: str = ""  # why it is of no use already
    advice: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessFacts:
    """A process of this installation, on any machine."""

    place: str
    pid: int
    roles: frozenset[str]  # doors, worker
    started_at: datetime
    silent: timedelta  # since it was heard of last, by the database's clock
    worked_at: datetime | None
    owner: str = ""  # as it names itself in claims
    died: bool = False  # known on its own machine only; elsewhere it falls silent

    @property
    def name(self) -> str:
        """For people: "desk:4711"."""
        return f"{self.machine}:{self.pid}"

    @property
    def machine(self) -> str:
        """Without its process namespace."""
        return self.place.partition("/")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A time in which the database could not be written to."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """An installation at one moment; everything is found in small indexes, however full the store is."""

    now: datetime
    here: str = ""  # the machine that was looked at for what each has of its own: disk, certificates, tokens
    since: datetime  # when somebody began to look: what was never read is late from here on
    resumed: datetime | None = None  # when work began (again): at a start, after the database or the clock was away
    mailboxes: Sequence[MailboxFacts] = ()  # those of the configuration
    inbox: dict[str, int]  # waiting, working, quarantined
    mail_due: datetime | None = None  # the mail that has been due for longest
    outbox: dict[str, int]  # every state but sent
    letter_due: datetime | None = None  # the letter that has been due for longest
    letter_written: datetime | None = None  # the oldest of those that wait
    next_look: datetime | None = None  # when a clock has to be looked at next; in the past while the watcher is late
    processes: Sequence[ProcessFacts] = ()
    worker_seen: datetime | None = None  # when whoever watches saw a worker last, or began; None: nobody watched
    expiries: Sequence[Expiry] = ()
    free_disk: int | None = None  # bytes, of the data folder's disk
    broker_up: bool | None = None  # None: there is none
    broker_away: datetime | None = None  # since when it does not answer
    outage: Outage | None = None  # of the database, just over
    backup_at: datetime | None = None  # the last one that is known
