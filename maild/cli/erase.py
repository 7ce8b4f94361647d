"""`maild erase`: takes away what is stored about a person; the history of tickets still verifies."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from maild.bootstrap.erase import Erased, Plan, agents_now, erase_person, plan_erasure, tickets_of
from maild.cli.config_file import read_config
from maild.cli.database import open_existing
from maild.cli.options import Json
from maild.cli.progress import progress
from maild.cli.terminal import complain, print_json, say
from maild.clock import utc_now
from maild.errors import Permanent

_SHOWN = 20  # numbers of a list for people


def erase(
    ctx: typer.Context,
    who: Annotated[str, typer.Argument(metavar="CONTACT", help="An address, or a contact's number: contact:17.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do it; without this, only say what it would do.")] = False,
    reason: Annotated[str, typer.Option(help="Why; kept with the number of the erasure.")] = "asked for erasure",
    by: Annotated[str, typer.Option(help="Who ordered it; you, unless said.")] = "",
    report: Annotated[
        bool, typer.Option("--report", help="Also look for mails by others that name the person; reads every mail.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take away a person's mails, names, addresses and words; tickets stay and can be counted, and say "(erased)".

    It works while the daemon runs; if it is interrupted, call it again. Backups made before still hold the person.

    Example: maild erase kim@customer.example --report
    """
    config = read_config(ctx)
    database = open_existing(config)
    try:
        plan = plan_erasure(config, database, who, agents=agents_now(config), report=report)
        if not yes:
            _tell_plan(plan, report=report, as_json=as_json)
            return
        if who.isdecimal():  # `maild hold 42` means a ticket, and this cannot be undone
            raise Permanent(
                f"{who} may be meant as a ticket: it is the contact {plan.address}; say contact:{who}, or the address"
            )
        if not plan.found.anything and plan.contact is None:
            raise Permanent(f"nothing is stored about {plan.address}")
        with progress("tickets", len(tickets_of(plan))) as count:
            done = erase_person(
                database, plan, by=by or getpass.getuser(), reason=reason, now=utc_now(), progress=count
            )
    finally:
        database.close()
    _tell_done(done, plan, as_json=as_json)
    if done.left:
        raise typer.Exit(1)


def _tell_plan(plan: Plan, *, report: bool, as_json: bool) -> None:
    found = plan.found
    if as_json:
        facts: dict[str, object] = {"contact": plan.contact, "address": plan.address, "tickets": list(found.tickets)}
        facts |= {"other_tickets": list(found.others), "mails": len(found.mails), "letters": len(found.letters)}
        facts |= {"others_wrote_on": list(plan.others_wrote_on), "holds": list(plan.holds), "undone": found.undone}
        named = [{"inbox": inbox, "ticket": ticket} for inbox, ticket in plan.named_in]
        print_json(facts | ({"named_in": named} if report else {}))
        return
    whose = f"contact {plan.contact}, " if plan.contact is not None else ""
    say(f"{whose}{plan.address}:")
    say(f"  their tickets, emptied       {_numbers(found.tickets)}")
    say(f"  others' tickets they were on {_numbers(found.others)}")
    say(f"  mails that they wrote        {len(found.mails)}")
    say(f"  letters about others' tickets {len(found.letters)}")
    if found.undone:
        say(f"  {found.undone} mails of theirs wait for work: run it again after that")
    if plan.others_wrote_on:
        say(f"  not reached: what other customers wrote on tickets {_numbers(plan.others_wrote_on)}")
    for inbox, ticket in plan.named_in:
        say(f"  not reached: named in somebody else's mail, inbox {inbox}" + (f" on ticket {ticket}" if ticket else ""))
    if report and not plan.named_in:
        say("  named in no mail by others")
    complain(plan.holds)
    say("Nothing was changed; with --yes it is done, and cannot be undone.")


def _tell_done(done: Erased, plan: Plan, *, as_json: bool) -> None:
    if as_json:
        print_json({"erasure": done.erasure, "left": done.left, "scrubbed": done.scrubbed, **done.counts})
        return
    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in sorted(done.counts.items()))
    say(f"erasure {done.erasure}: {counts or 'nothing'} erased", style="green")
    if plan.others_wrote_on:
        say(f"not reached: what other customers wrote on tickets {_numbers(plan.others_wrote_on)}")
    if not done.scrubbed:
        say("the database's log is in use and still holds what was erased; it is emptied when maild is idle or stops")
    if done.left:
        complain([f"{done.left} mails or letters are being worked on: call it again in a minute"])


def _numbers(numbers: tuple[int, ...]) -> str:
    more = f" and {len(numbers) - _SHOWN} more" if len(numbers) > _SHOWN else ""
    return ", ".join(map(str, numbers[:_SHOWN])) + more if numbers else "none"
