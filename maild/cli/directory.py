"""`maild directory`: what directories of others say, and how they stand."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Annotated

import typer

from maild.app.lookups import Asked
from maild.app.references import judged
from maild.bootstrap import make_desk
from maild.bootstrap.desk import left_out
from maild.bootstrap.directories import OF_DESK, lists_of, make_directories, tried
from maild.cli.config_file import read_config
from maild.cli.exits import EX_UNAVAILABLE
from maild.cli.group import group
from maild.cli.options import Json
from maild.cli.reference_words import says
from maild.cli.terminal import ago, clean, print_json, say, table
from maild.clock import utc_now
from maild.config.directory_tables import SORTS
from maild.config.faults import nearest
from maild.config.model import Config
from maild.directories.cached import Standing
from maild.directories.directories import Directories
from maild.routing.facts import Reference

directory = group("Look things up in directories: customers, agents, orders and the like.", "maild directory list")


@directory.command("list")
def list_(ctx: typer.Context, *, as_json: Json = False) -> None:
    """Ask every directory and show how it stands: entries, age, trouble; with --json one object a line.

    Exits with 69 when one does not answer.

    Example: maild directory list
    """
    config, directories = _opened(ctx)
    _show(tried(directories), _left_out(config, directories), as_json=as_json)


@directory.command()
def look(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="The directory.")],
    key: Annotated[str, typer.Argument(help="An order's number, a customer's name, an agent's address.")],
    *,
    sender: Annotated[str, typer.Option(metavar="ADDRESS", help="Whether it is this sender's.")] = "",
    as_json: Json = False,
) -> None:
    """Show what a directory says of a key, whether that fits, and how long it took.

    Exits with 1 when it does not know the key, with 69 when it does not answer.

    Example: maild directory look orders SO-123456 --sender kim@acme.example
    """
    config, directories = _opened(ctx)
    of = {each.name: each.of for each in directories}
    if name not in of:
        near = nearest(name, of)
        there = f"did you mean {near}?" if near else f"there are {', '.join(of) or 'none'}"
        raise typer.BadParameter(f"there is no directory {name!r}; {there}", param_hint="NAME")
    begun = time.monotonic()
    [looked] = directories.look_up([Asked(name, key)]).values()
    took = time.monotonic() - begun
    directories.load(OF_DESK)  # or nobody knows whose order it is
    desk = make_desk(config, lists_of(directories))
    named = Reference(sort=SORTS.get(of[name], of[name].rstrip("s")), key=key, directory=name)
    found = judged(named, looked, sender.lower(), desk)
    if as_json:
        print_json(asdict(found) | {"trouble": looked.trouble, "answered_at": looked.at, "seconds": round(took, 3)})
    else:
        say(clean(f"{found.sort} {found.key}: {says(found)}"))
        say(f"took {took * 1000:.0f} ms")
    if looked.trouble:
        raise typer.Exit(EX_UNAVAILABLE)
    if looked.entry is None:
        raise typer.Exit(1)


@directory.command()
def refresh(ctx: typer.Context, *, as_json: Json = False) -> None:
    """Read every list anew and keep it for the next start; a running daemon does so by itself when it is due.

    Exits with 69 when one does not answer; what it said last stands then.

    Example: maild directory refresh, then maild reload
    """
    config, directories = _opened(ctx)
    directories.load({each.of for each in directories}, force=True)
    lists = [each for each in directories.standings() if not each.by_key]
    _show(lists, _left_out(config, directories), as_json=as_json)


def _opened(ctx: typer.Context) -> tuple[Config, Directories]:
    config = read_config(ctx)
    return config, make_directories(config, utc_now)


def _left_out(config: Config, directories: Directories) -> tuple[str, ...]:
    return left_out(config, lists_of(directories))


def _show(standings: list[Standing], left_out: tuple[str, ...], *, as_json: bool) -> None:
    now = utc_now()
    if as_json:
        for each in standings:
            mine = [line for line in left_out if line.startswith(f"directory {each.name}: ")]
            print_json(asdict(each) | {"left_out": mine})
    else:
        rows = [
            [
                each.name,
                each.of,
                "by key" if each.by_key else each.entries,
                ago(each.at, now) if each.at else "never",
                "trouble" if each.trouble else "stale" if each.stale else "fresh",
                each.trouble,
            ]
            for each in standings
        ]
        styles = ["red" if each.trouble else "" for each in standings]
        table(["directory", "of", "entries", "answered", "", "trouble"], rows, right=["entries"], styles=styles)
        for line in left_out:
            say(clean(line))
    if any(each.trouble for each in standings):
        raise typer.Exit(EX_UNAVAILABLE)
