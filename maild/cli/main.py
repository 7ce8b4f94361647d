"""The command line: which commands there are, and what all of them share.

To add a command, write `maild/cli/NAME.py` with a typed function, its help as the docstring with an
example, and add one line to COMMANDS. A command with commands of its own gives a `typer.Typer`.

    def status(ctx: typer.Context) -> None:
        \"\"\"Show what waits and what is in trouble.

        Example: maild status
        \"\"\"
        config = read_config(ctx)

A ConfigError, Temporary or Permanent that leaves a command is told and becomes the exit code.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from maild.cli.exits import EX_CONFIG, EX_TEMPFAIL
from maild.cli.terminal import complain
from maild.errors import ConfigError, MaildError, Temporary


class Entry(NamedTuple):
    """One command. It is imported when it is called, so that `maild --help` need not read them all."""

    target: str  # "module:name" of a function or of a typer.Typer
    help: str  # for the list of commands


COMMANDS = {
    "init": Entry("maild.cli.init:init", "Write a configuration file by asking a few questions."),
    "check": Entry("maild.cli.check:check", "Check the configuration and every connection it names."),
    "doctor": Entry("maild.cli.doctor:doctor", "Say what should be done about this installation."),
    "login": Entry("maild.cli.login:login", "Sign in at Google or Microsoft, instead of a password."),
    "run": Entry("maild.cli.run:run", "Run the daemon: take mail in, work on it, send letters."),
    "worker": Entry("maild.cli.worker:worker", "Run worker processes beside `maild run --without worker`."),
    "reload": Entry("maild.cli.reload:reload", "Have the running daemon read its configuration again."),
    "status": Entry("maild.cli.status:status", "Show what waits and what is in trouble, on one page."),
    "tickets": Entry("maild.cli.tickets:tickets", "List tickets."),
    "show": Entry("maild.cli.show:show", "Show a ticket with its timeline."),
    "attachment": Entry("maild.cli.attachment:attachment", "List the files of a mail, or write one out."),
    "ticket": Entry("maild.cli.ticket:ticket", "Change a ticket by an agent's commands."),
    "roles": Entry("maild.cli.roles:roles", "List what agents may do, and who has which role."),
    "agents": Entry("maild.cli.agents:agents", "Look at agents: who has how much, who is away."),
    "sla": Entry("maild.cli.sla:sla", "Look at service levels: policies, due times, tickets at risk."),
    "directory": Entry(
        "maild.cli.directory:directory", "Look things up in directories: customers, agents, orders and the like."
    ),
    "explain": Entry("maild.cli.explain:explain", "Explain what the daemon would do with a mail, or has done."),
    "route": Entry("maild.cli.route:route", "Test rules, and try changed ones on last month's mail."),
    "templates": Entry("maild.cli.templates:templates", "Look at the words of letters, and change them."),
    "quarantine": Entry("maild.cli.quarantine:quarantine", "Look at mails that were set aside; take them in."),
    "scan": Entry("maild.cli.scan:scan", "Look at files that the virus scanner keeps back."),
    "outbox": Entry("maild.cli.outbox:outbox", "Look at letters, send them again or drop them."),
    "webhook-key": Entry(
        "maild.cli.webhook_key:webhook_key", "Print the key that a receiver of webhooks checks them by."
    ),
    "addresses": Entry("maild.cli.addresses:addresses", "Look at addresses that mail does not reach; try them again."),
    "audit": Entry("maild.cli.audit:audit", "Check that nobody changed the history of tickets."),
    "export": Entry(
        "maild.cli.export:export", "Write tickets, mails or events as JSON lines, or one person's data as a zip."
    ),
    "backup": Entry("maild.cli.backup:backup", "Write all that is stored into one file, while the daemon runs."),
    "restore": Entry("maild.cli.restore:restore", "Set the store back to a backup."),
    "erase": Entry("maild.cli.erase:erase", "Erase a person; the history of tickets still verifies."),
    "hold": Entry("maild.cli.hold:hold", "Say what must not be erased."),
    "retention": Entry("maild.cli.retention:retention", "Show how long what is kept, and what goes next."),
    "rotate-secrets": Entry("maild.cli.rotate_secrets:rotate_secrets", "Sign with a new key; accept the old one too."),
    "deliver": Entry("maild.cli.deliver:deliver", "Take one mail from standard input, for a mail system."),
    "import": Entry("maild.cli.import_mail:import_mail", "Import old mail: an mbox, a Maildir, mail files."),
    "db": Entry("maild.cli.db:db", "Show the database's version, or upgrade it."),
    "demo": Entry("maild.cli.demo:demo", "Play a story with the real daemon; nothing leaves this machine."),
}


class Commands(TyperGroup):
    """A group of commands, each imported when it is called."""

    entries: ClassVar[Mapping[str, Entry]] = COMMANDS

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for name, entry in self.entries.items():
            self.commands.setdefault(name, TyperCommand(name, help=entry.help, rich_markup_mode=None))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The real command in place of the one that only stands in the list."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and name in self.entries:
            command = _import(name, self.entries[name].target)
        return name, command, rest

    def invoke(self, ctx: Any) -> Any:
        """Run a command; an error that it did not expect to handle is told without a traceback."""
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            complain(error.problems)
            raise typer.Exit(EX_CONFIG) from None
        except MaildError as error:
            complain([str(error)])
            raise typer.Exit(EX_TEMPFAIL if isinstance(error, Temporary) else 1) from None


def _import(name: str, target: str) -> Any:
    module, _, attribute = target.partition(":")
    found = getattr(importlib.import_module(module), attribute)
    if not isinstance(found, typer.Typer):
        single = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
        single.command(name)(found)
        found = single
    command = typer.main.get_command(found)
    command.name = name
    _take_config(command)
    return command


def _take_config(command: Any) -> None:
    """Let `maild run --config PATH` mean the same as `maild --config PATH run`."""
    for inner in getattr(command, "commands", {}).values():
        _take_config(inner)
    if any("--config" in param.opts for param in command.params):  # it means another one by it: `maild route try`
        return
    carrier = typer.Typer(add_completion=False)  # typer makes options for functions only
    carrier.command()(_late_config)
    option = typer.main.get_command(carrier).params[0]
    option.expose_value = False
    command.params.append(option)


def _set_config(ctx: typer.Context, value: Path | None) -> None:
    if value is not None:
        ctx.find_root().obj = value


def _late_config(
    config: Annotated[Path | None, typer.Option("--config", "-c", hidden=True, callback=_set_config)] = None,
) -> None:
    """Only its option is used."""


def _version(wanted: bool) -> None:  # noqa: FBT001  # typer calls it with the option's value
    if wanted:
        from importlib.metadata import version

        typer.echo(f"maild {version('maild')}")
        raise typer.Exit


# Locals in a traceback would print secrets: pretty exceptions stay off.
app = typer.Typer(
    cls=Commands,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def maild(
    ctx: typer.Context,
    *,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            "-c",
            metavar="PATH",
            envvar="MAILD_CONFIG",
            help="The configuration; else maild.toml here, in ~/.config/maild or in /etc/maild.",
        ),
    ] = None,
    version: Annotated[  # noqa: ARG001  # its callback does the work
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Turn mail into helpdesk tickets.

    Example: maild init, then maild check, then maild run
    """
    ctx.obj = config
