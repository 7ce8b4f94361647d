"""`maild check`: everything that is wrong with a configuration and what it connects to, at once."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from maild.cli.config_file import config_path, read_config
from maild.cli.exits import EX_CONFIG, EX_UNAVAILABLE
from maild.cli.terminal import complain, print_json, say
from maild.errors import ConfigError

if TYPE_CHECKING:
    from maild.cli.moved_clocks import Moves
    from maild.cli.probes import Outcome
    from maild.config.model import Config


def check(
    ctx: typer.Context,
    *,
    connect: Annotated[bool, typer.Option(help="Try the connections, or only read the file.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Check the configuration and every connection it names, and say which clocks a changed one would move.

    Exits with 0 when all is well, 78 when the file is wrong, a test of its rules fails or a letter of your own
    cannot be used, 69 when something does not answer.

    Example: maild check --no-connect
    """
    path = config_path(ctx)
    try:
        config = read_config(ctx)
    except ConfigError as error:
        if not as_json:
            raise
        print_json({"file": path, "ok": False, "config": error.problems, "connections": []})
        raise typer.Exit(EX_CONFIG) from None
    tests = _run_tests(path, config, as_json=as_json)
    _try_letters(path, config, as_json=as_json)
    from maild.config.files import places_of  # not for --help

    outcomes: list[Outcome] = []
    moves: Moves | None = None
    if connect:
        from maild.cli.probes import everything, run_probes  # slow to import, and not for --help

        outcomes = run_probes(everything(config), config)
        if not any(o.problems for o in outcomes if o.key[0] == "store"):
            from maild.cli.moved_clocks import count_moves

            moves = count_moves(config)
    ok = not any(outcome.problems for outcome in outcomes)
    if as_json:
        places = places_of(path)
        shown = [
            {"what": o.what, "where": places.told(places.of(o.key)), "ok": not o.problems, "problems": o.problems}
            for o in outcomes
        ]
        print_json({"file": path, "ok": ok, "config": [], "connections": shown, "clocks": moves and asdict(moves)})
    else:
        say(f"ok   {path}")
        if tests:
            say(f"ok   {tests} test{'' if tests == 1 else 's'} of rules")
        tell(path, outcomes)
        if moves:
            say(f"ok   {moves.words()}")
    if not ok:
        raise typer.Exit(EX_UNAVAILABLE)


def _run_tests(path: Path, config: Config, *, as_json: bool) -> int:
    """Run the tests of rules and return how many there are; a failed one is a fault of the file."""
    if not any(rule.test for rule in config.rule):
        return 0
    from maild.cli.route_suite import faults_of, suite_of

    checked = suite_of(config)
    faults = faults_of(checked)
    if not faults:
        return len(checked)
    if not as_json:
        raise ConfigError(faults)
    print_json({"file": path, "ok": False, "config": faults, "connections": []})
    raise typer.Exit(EX_CONFIG)


def _try_letters(path: Path, config: Config, *, as_json: bool) -> None:
    """Try the letters of the site's own; one that cannot be used is a fault of the configuration."""
    if config.templates.folder is None:
        return
    from maild.cli.templates import faults_of  # slow to import, and not for --help

    faults = list(map(str, faults_of(config)))
    if not faults:
        return
    if not as_json:
        raise ConfigError(faults)
    print_json({"file": path, "ok": False, "config": faults, "connections": []})
    raise typer.Exit(EX_CONFIG)


def tell(path: Path, outcomes: list[Outcome]) -> None:
    """One line for what works to the standard output, one for each problem to the standard error."""
    from maild.config.files import places_of  # not for --help

    places = places_of(path)
    for outcome in outcomes:
        if outcome.problems:
            at = places.told(places.of(outcome.key))
            complain(f"{at}: {outcome.what}: {problem}" for problem in outcome.problems)
        else:
            say(f"ok   {outcome.what}")
