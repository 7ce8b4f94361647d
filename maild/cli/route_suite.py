"""`maild route test-suite`: runs the tests that stand beside the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import typer

from maild.bootstrap.rule_suite import Checked, run_suite
from maild.cli.config_file import read_config
from maild.cli.options import Json
from maild.cli.terminal import clean, print_json, say
from maild.config.model import Config
from maild.errors import Permanent


def suite(ctx: typer.Context, *, as_json: Json = False) -> None:
    """Run every [[rule.test]]: each mail must come to what is expected of it. Exits with 1 when one fails.

    A mail comes when its Date says; one without, on a Monday morning. `maild check` runs the same tests.

    Example: maild route test-suite
    """
    checked = suite_of(read_config(ctx))
    failed = [each for each in checked if each.faults]
    if as_json:
        print_json({"ok": not failed, "tests": [asdict(each) for each in checked]})
    else:
        for each in checked:
            say(clean(f"{'failed' if each.faults else 'ok    '} {each.rule} {each.number}: {each.subject}"),
                style="red" if each.faults else "")  # fmt: skip
            if each.faults:
                _tell(each)
        say(f"{len(checked)} test{'' if len(checked) == 1 else 's'}, {len(failed)} failed" if checked else
            "no rule has a test: write [[rule.test]] below one")  # fmt: skip
    if failed:
        raise typer.Exit(1)


def suite_of(config: Config) -> list[Checked]:
    """Every test, run. Raises Permanent when a mail cannot be read."""
    try:
        return run_suite(config)
    except OSError as error:
        raise Permanent(f"the mail of a rule's test cannot be read: {error}") from None


def faults_of(checked: Sequence[Checked]) -> list[str]:
    """A line for every fault, with file and line of its rule."""
    return [
        f"{each.where}: test {each.number} of rule {each.rule}: {fault.words}"
        for each in checked
        for fault in each.faults
    ]


def _tell(checked: Checked) -> None:
    for fault in faults_of([checked]):
        say(clean(f"       {fault}"), style="red")
    for line in checked.why:
        say(clean(f"         {line}"))
