"""`maild ticket`: agents' commands from the command line."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Annotated

import typer

from maild.app.clocks import settle_clocks
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.orders import carry_out, change_customer, no_customer, permissions_missing
from maild.bootstrap.parts import Parts
from maild.cli.config_file import read_config
from maild.cli.database import open_existing
from maild.cli.exits import EX_DATAERR
from maild.cli.no_bell import NoBell
from maild.cli.options import Json
from maild.cli.terminal import complain, print_json, say
from maild.clock import utc_now
from maild.errors import Conflict
from maild.store.engine import Database
from maild.store.inbox import StoredDesktop
from maild.tickets.command_readers import HELP
from maild.tickets.commands import check_commands
from maild.tickets.events import EventKind
from maild.tickets.orders import Command, done_line

_RACES = 5  # how often it is run again because the daemon changed the ticket meanwhile


def ticket(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(help="The ticket's number.")],
    words: Annotated[list[str], typer.Argument(metavar="COMMAND", help="As in a mail, with or without #; see help.")],
    *,
    agent: Annotated[str, typer.Option(envvar="MAILD_AGENT", help="Act as this agent, as far as the role goes.")] = "",
    as_json: Json = False,
) -> None:
    """Change a ticket by the commands that agents write in mails; a + alone begins the next command.

    All of them apply or none; nothing is sent to the customer. Exits with 65 when a command is refused. Without
    --agent the command line may everything: who can read the configuration could take it anyway.

    Example: maild ticket 7 hold waiting for a part + priority high
    """
    commands = split_words(words)
    if any(command.name == "help" for command in commands):
        for line in HELP.values():
            say(line.removeprefix("#"))
        return
    config = read_config(ctx)
    database = open_existing(config)
    try:
        letters = Parts(config, database, NoBell()).letters
        done = _do(Change(number=number, commands=commands, agent=agent.lower(), letters=letters), database)
    finally:
        database.close()
    if as_json:
        print_json({"ticket": number, "done": done.done, "problems": done.problems})
    elif done.problems:
        complain(done.problems)
    else:
        say(f"ticket {number}: {done.done}")
    if done.problems:
        raise typer.Exit(EX_DATAERR)


def split_words(words: list[str]) -> list[Command]:
    """The commands in the words of a command line, which a + separates."""
    groups: list[list[str]] = [[]]
    for word in words:
        if word == "+":
            groups.append([])
        else:
            groups[-1].append(word)
    commands = []
    for group in groups:
        name, _, argument = " ".join(group).strip().removeprefix("#").partition(" ")
        if name:
            commands.append(Command(name.lower().rstrip(":"), argument.strip()))
    return commands


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is asked for."""

    number: int
    commands: list[Command]
    agent: str
    letters: Letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of it."""

    done: str = ""
    problems: tuple[str, ...] = ()


def _do(change: Change, database: Database) -> Done:
    for left in reversed(range(_RACES)):
        try:
            return _transact(change, database)
        except Conflict:
            if not left:
                raise
    raise AssertionError


def _transact(change: Change, database: Database) -> Done:
    """Everything in one transaction, or nothing. Raises Conflict when the daemon was faster."""
    now, number, desk = utc_now(), change.number, change.letters.desk
    wanted = change.letters.wanted()
    wanted.tickets.add(number)
    if change.agent in desk.agents:
        wanted.people[change.agent] = desk.agents[change.agent]
    with StoredDesktop(database).unit() as unit:
        known = unit.load(wanted, now)
        if number not in known.tickets:
            return Done(problems=(f"there is no ticket {number}",))
        before = known.tickets[number]
        order = check_commands(
            change.commands,
            "",
            before,
            agent=change.agent,
            agents=frozenset(desk.agents),
            names=desk.names,
        )
        if order.problems or not change.commands:
            return Done(problems=order.problems or ("there is no command",))
        if change.agent and (may_not := permissions_missing(order, before, desk, change.agent, answers=False)):
            return Done(problems=tuple(may_not))
        if refusal := no_customer(order.customer, desk):
            return Done(problems=(refusal,))
        actor = f"agent:{known.contacts[change.agent]}" if change.agent else "admin"
        ledger = Ledger(unit=unit, known=known, now=now, salt=lambda: secrets.token_hex(16))
        if order.note:
            facts = {"words": order.words}  # they are in no mail
            ledger.record(number, EventKind.NOTE, at=now, actor=actor, mail=None, facts=facts)
        if order.customer:
            change_customer(order.customer, number, ledger, desk, actor=actor, mail=None, at=now)
        again = carry_out(order, number, ledger, change.letters, actor=actor, mail=None, at=now, agent=change.agent)
        settle_clocks(ledger, desk)
        unit.save(ledger.changes, known, now)
    return Done(done="; ".join(line for line in (done_line(order), again) if line))
