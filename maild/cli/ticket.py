"""`maild ticket`: agents' commands from the command line."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Annotated

import typer

from maild.app.alerts import tell_of_budgets
from maild.app.approving import By, override_or_settle
from maild.app.clocks import settle_clocks
from maild.app.joining import Doer, meant
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.note_letters import keep_note
from maild.app.orders import carry_out, change_customer, no_customer, permissions_missing, refused_now
from maild.app.references import refer_commands
from maild.app.telling_customers import tell_customers
from maild.bootstrap.parts import Parts
from maild.cli.config_file import read_config
from maild.cli.database import open_existing
from maild.cli.exits import EX_DATAERR
from maild.cli.no_bell import NoBell
from maild.cli.options import Json
from maild.cli.terminal import complain, print_json, say
from maild.clock import utc_now
from maild.errors import Conflict
from maild.routing.facts import Reference
from maild.store.engine import Database
from maild.store.inbox import StoredDesktop
from maild.tickets.command_lines import read_line
from maild.tickets.command_readers import HELP, READERS
from maild.tickets.commands import check_commands
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
        parts = Parts(config, database, NoBell())
        letters, agent = parts.letters, agent.lower()
        references = refer_commands(commands, letters.desk, parts.directories, agent=agent)
        change = Change(number=number, commands=commands, agent=agent, letters=letters, references=references)
        done = _do(change, database)
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
        line = " ".join(group).strip().removeprefix("#")
        if line:
            name, _, argument = line.partition(" ")
            commands.append(read_line(f"#{line}", READERS) or Command(name, argument.strip()))
    return commands


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is asked for."""

    number: int
    commands: list[Command]
    agent: str
    letters: Letters
    references: tuple[Reference, ...]  # what directories say of the keys that they give


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
        ledger = Ledger(unit=unit, known=known, now=now, salt=lambda: secrets.token_hex(16))
        order = meant(order, ledger)
        if order.problems or not change.commands:
            return Done(problems=order.problems or ("there is no command",))
        if order.note and not order.words:
            return Done(problems=("#note: say what is to be kept, such as: maild ticket 7 note he called again",))
        if change.agent and (may_not := permissions_missing(order, before, desk, change.agent, answers=False)):
            return Done(problems=tuple(may_not))
        if refusal := no_customer(order.customer, desk):
            return Done(problems=(refusal,))
        if refused := refused_now(order, number, ledger, desk, agent=change.agent):
            return Done(problems=tuple(refused))
        actor = f"agent:{known.contacts[change.agent]}" if change.agent else "admin"
        by = By(number=number, agent=change.agent, actor=actor, mail=None, at=now)
        if came := override_or_settle(order, by, ledger, change.letters):
            if not came.problems or ledger.changes.letters:  # who asked is told of it even when nothing was done
                settle_clocks(ledger, desk)
                unit.save(ledger.changes, known, now)
            return Done(done=came.done, problems=came.problems)
        told: list[str] = []
        if order.note:
            doer = Doer(actor=actor, mail=None, at=now, agent=change.agent)
            told = keep_note(order.words, number, ledger, change.letters, doer)
        if order.customer:
            change_customer(order.customer, number, ledger, desk, actor=actor, mail=None, at=now)
        again = carry_out(
            order,
            number,
            ledger,
            change.letters,
            actor=actor,
            mail=None,
            at=now,
            agent=change.agent,
            references=change.references,
        )
        tell_customers(ledger, change.letters)
        tell_of_budgets(ledger, change.letters)
        settle_clocks(ledger, desk)
        unit.save(ledger.changes, known, now)
    return Done(done="; ".join(line for line in (done_line(order), *told, again) if line))
