"""What each command means: a reader for each, which checks it against the ticket and the names that are configured."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from maild.tickets import activity_readers, joining_readers
from maild.tickets import closing_readers as closing
from maild.tickets.escalation_note import EscalationNote, read_note
from maild.tickets.joining import Join
from maild.tickets.lifecycle import Status, check_transition, permission_for
from maild.tickets.model import SETTABLE, Ticket
from maild.tickets.names import Names, nearest, spelled
from maild.tickets.orders import Command, Move, Remark, SetField, Verdict
from maild.tickets.permissions import Permission
from maild.tickets.priorities import ALIASES, PRIORITIES, raised

HELP: Mapping[str, str] = {
    "hold": "#hold REASON: wait; the customer's reply resumes it",
    "resume": "#resume: go on",
    "resolve": "#resolve CODE NOTES: solved, such as #resolve workaround a new cable helps; no code: resolved",
    "close": "#close CODE NOTES: done, such as #close no answer",
    "cause": "#cause TEXT: what had been wrong",
    "path": "#path TEXT: by which way it was solved",
    "reopen": "#reopen: open again",
    "status": "#status in_progress: set a status",
    "assign": "#assign me: take it; or an agent's address or name, or a team",
    "priority": "#priority high because …: low, medium, high or critical, and why",
    "reason": "#reason CODE: why the customer wrote; the ticket is routed again",
    "type": "#type NAME: what it is, such as #type incident",
    "tag": "#tag +vip -spam: add tags and take some away",
    "team": "#team NAME: give it to another team",
    "queue": "#queue NAME: move it to another queue",
    "escalate": "#escalate blocker=… owner=… eta=…: raise the priority, and tell the manager",
    "customer": "#customer ADDRESS: the ticket is for this person, who gets the answers",
    "set": "#set FIELD VALUE: set any other field, such as #set product X200",
    "override": "#override REASON: ask who may approve for what rules refuse of the other commands",
    "approve": "#approve: agree to what a colleague asks for",
    "deny": "#deny REASON: do not",
    **activity_readers.HELP,
    **joining_readers.HELP,
    "note": "#note: everything in this mail stays internal",
    "help": "#help: this list",
}
# What each command takes; one that ends a ticket or opens it again takes RESOLVE as well, see `Reading.move`.
NEEDS: Mapping[str, Permission] = {
    **dict.fromkeys(HELP.keys() - {"help"}, Permission.WRITE),
    **dict.fromkeys(("resolve", "close", "reopen"), Permission.RESOLVE),
    **dict.fromkeys(("approve", "deny"), Permission.APPROVE),
    "escalate": Permission.ESCALATE,
}
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@[a-z0-9.-]{1,190}[a-z0-9]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # RFC 5646 §2.1
_BECAUSE = re.compile(r"^because\b[\s:,]*", re.IGNORECASE)
_PROTECTED = frozenset({"subject", "description", "queue", "assignee", "priority", "customer", "resolution_code"})


@dataclass(slots=True, kw_only=True)
class Reading:
    """What the commands read so far come to; each is checked against the status that those before it gave."""

    ticket: Ticket
    agent: str
    agents: frozenset[str]
    names: Names
    status: Status
    words: str
    moves: list[Move] = field(default_factory=list)
    fields: list[SetField] = field(default_factory=list)
    because: str = ""
    customer: str = ""
    escalation: EscalationNote | None = None
    remarks: list[Remark] = field(default_factory=list)
    joins: list[Join] = field(default_factory=list)
    take: bool = False
    undo: bool = False
    undo_of: str = ""
    note: bool = False
    help: bool = False
    needs: dict[Permission, str] = field(default_factory=dict)  # each with the first command that takes it
    problems: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # what only an override allows; without one, problems
    override: str = ""
    verdict: Verdict | None = None
    moved: list[tuple[str, Status]] = field(default_factory=list)  # of each move: its command, the status before it

    @property
    def code(self) -> str:
        """The resolution code that the ticket has by now."""
        return next((move.resolution_code for move in reversed(self.moves) if move.resolution_code), "") or (
            self.ticket.resolution_code
        )

    def move(
        self, command: Command, to: Status, *, reason: str = "", code: str = "", continued_by: int | None = None
    ) -> None:
        """Change the status; what the ticket needs for that is checked when all commands are read."""
        if refusal := check_transition(self.status, to):
            # There is nothing to override in a move to where the ticket is.
            (self.problems if to is self.status else self.refused).append(f"#{command.name}: {refusal.why}")
        if to is not self.status:
            self.needs.setdefault(permission_for(self.status, to), f"#{command.name}")
            self.moved.append((command.name, self.status))
            self.status = to
            self.moves.append(Move(to, reason, code, continued_by))

    def name(self, command: Command, where: str, word: str, known: Collection[str] | None) -> None:
        """Set a field to a name, if there is such a one."""
        value = spelled(word, known) if word else ""
        if value:
            self.fields.append(SetField(where, value))
        else:
            what = where.replace("_", " ")
            self.problems.append(f"#{command.name} {word}: there is no such {what}; {nearest(word, known or ())}")


def _hold(reading: Reading, command: Command) -> None:
    reading.move(command, Status.ON_HOLD, reason=command.argument)


def _open(reading: Reading, command: Command) -> None:
    reading.move(command, Status.OPEN, reason=command.name)


def _assign(reading: Reading, command: Command) -> None:
    """`#assign me`, an agent's address or name, or a team, whose strategy chooses then."""
    word = command.argument
    address = reading.agent if word.lower() == "me" else word.lower()
    called = [agent for agent, name in reading.names.agents if name.casefold() == word.casefold()]
    team = spelled(word, reading.names.teams) if reading.names.teams else ""
    if address in reading.agents:
        reading.fields.append(SetField("assignee", address))
    elif len(called) == 1:
        reading.fields.append(SetField("assignee", called[0]))
    elif called:
        reading.problems.append(f"#assign {word}: several agents are called so; write one of {', '.join(called)}")
    elif team:
        reading.fields += [SetField("team", team), SetField("assignee", "")]
    else:
        known = [*sorted(reading.agents), *(name for _, name in reading.names.agents), *(reading.names.teams or ())]
        near = nearest(word, known)
        reading.problems.append(f"#assign {word}: no agent has this address or name, and no team; {near}")


def _priority(reading: Reading, command: Command) -> None:
    """`#priority high because the line stands still`: what follows the priority is why."""
    word, _, rest = command.argument.partition(" ")
    word = word.rstrip(",:;")
    wanted = ALIASES.get(word.lower(), word.lower())
    if wanted in PRIORITIES:
        reading.fields.append(SetField("priority", wanted))
        reading.because = _BECAUSE.sub("", rest).strip()
    else:
        near = nearest(word.lower(), PRIORITIES)
        reading.problems.append(f"#priority {command.argument}: there is no such priority; {near}")


def _reason(reading: Reading, command: Command) -> None:
    reading.name(command, "reason_code", command.argument.replace(" ", "_"), reading.names.reasons)


def _type(reading: Reading, command: Command) -> None:
    reading.name(command, "type", command.argument, reading.names.types)


def _team(reading: Reading, command: Command) -> None:
    reading.name(command, "team", command.argument, reading.names.teams)


def _queue(reading: Reading, command: Command) -> None:
    reading.name(command, "queue", command.argument, reading.names.queues)


def _case_type(reading: Reading, command: Command) -> None:
    reading.name(command, "case_type", command.argument, reading.names.case_types)


def _policy(reading: Reading, command: Command) -> None:
    reading.name(command, "sla_policy", command.argument, reading.names.policies)


def _branch(reading: Reading, command: Command) -> None:
    reading.name(command, "branch", command.argument, reading.names.branches)


def _language(reading: Reading, command: Command) -> None:
    if _LANGUAGE.fullmatch(command.argument):
        reading.fields.append(SetField("language", command.argument.lower()))
    else:
        reading.problems.append(f"#set language {command.argument}: write its code, such as #set language de")


def _tag(reading: Reading, command: Command) -> None:
    """`#tag +vip -spam`: a word without a sign is added."""
    before = next((f.value for f in reversed(reading.fields) if f.name == "tags"), reading.ticket.tags)
    tags = dict.fromkeys(before.split())
    # Programs make a dash of a minus, and people leave a blank behind it.
    words = re.sub(r"([+\u2010-\u2015\u2212-])\s+", r"\1", command.argument.replace(",", " ")).split()
    words = [re.sub(r"^[\u2010-\u2015\u2212]", "-", word) for word in words]
    for word in words:
        tag = word.lstrip("+-")
        if word.startswith("-"):
            if tag not in tags:
                has = f"it has {', '.join(tags)}" if tags else "it has none"
                reading.problems.append(f"#tag {word}: the ticket has no such tag; {has}")
            tags.pop(tag, None)
        elif tag:
            tags[tag] = None
    if not words:
        reading.problems.append("#tag: say which, such as #tag +vip -spam")
    reading.fields.append(SetField("tags", " ".join(tags)))


def _escalate(reading: Reading, command: Command) -> None:
    note = read_note(command.argument)
    if isinstance(note, str):
        reading.problems.append(note)
        return
    reading.escalation = note
    if (priority := raised(reading.ticket.priority)) != reading.ticket.priority:
        reading.fields.append(SetField("priority", priority))


def _customer(reading: Reading, command: Command) -> None:
    address = command.argument.strip().strip("<>").removeprefix("mailto:").lower()
    if not _ADDRESS.fullmatch(address):
        reading.problems.append(f"#customer {command.argument}: write an address, such as #customer ann@example.com")
    elif address in reading.agents:
        reading.problems.append(f"#customer {command.argument}: this is an agent's address")
    else:
        reading.customer = address


def _set(reading: Reading, command: Command) -> None:
    name, _, value = command.argument.partition(" ")
    value = value.strip()
    allowed = [f for f in SETTABLE if f not in _PROTECTED]
    checked = _CHECKED.get(name)
    if checked and value:
        checked(reading, Command(command.name, value))
    elif name in allowed:
        reading.fields.append(SetField(name, value))
    else:
        reading.problems.append(f"#set {command.argument}: there is no such field; {nearest(name, allowed)}")


def _note(reading: Reading, command: Command) -> None:
    reading.note = True
    reading.words = "\n".join(words for words in (command.argument, reading.words) if words)


def _help(reading: Reading, _command: Command) -> None:
    reading.help = True


READERS: Mapping[str, Callable[[Reading, Command], None]] = {
    "hold": _hold,
    "resume": _open,
    "resolve": closing.read_resolve,
    "close": closing.read_close,
    "cause": closing.read_cause,
    "path": closing.read_path,
    "reopen": _open,
    "status": closing.read_status,
    "assign": _assign,
    "priority": _priority,
    "reason": _reason,
    "type": _type,
    "tag": _tag,
    "team": _team,
    "queue": _queue,
    "customer": _customer,
    "escalate": _escalate,
    "set": _set,
    "override": closing.read_override,
    "approve": closing.read_approve,
    "deny": closing.read_deny,
    **activity_readers.READERS,
    **joining_readers.READERS,
    "note": _note,
    "help": _help,
}
# What `#set` says of these is checked as their own commands check it.
_CHECKED: Mapping[str, Callable[[Reading, Command], None]] = {
    "reason_code": _reason,
    "type": _type,
    "team": _team,
    "case_type": _case_type,
    "sla_policy": _policy,
    "branch": _branch,
    "language": _language,
    "order_reference": joining_readers.order,
    "serial_number": joining_readers.serial,
    "product": joining_readers.product,
    "claim": joining_readers.claim,
}
