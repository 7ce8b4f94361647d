"""`maild deliver`: takes one mail from a mail system that delivers to a program.

Any exit code but 0 and those of sysexits.h makes some mail systems return the mail, so that here every
trouble, also with the configuration or the command line, ends with 75: try again later.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import structlog
import typer

from maild.app.arrival import Arrival, Cursor
from maild.app.ports import Inbox
from maild.cli.exits import EX_TEMPFAIL
from maild.cli.no_bell import NoBell
from maild.cli.terminal import complain
from maild.errors import MaildError

deliver = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


# An option that nobody knows is a mistake in the mail system's configuration: told below, with 75.
@deliver.command("deliver", context_settings={"ignore_unknown_options": True})
def _deliver(
    ctx: typer.Context,
    recipients: Annotated[list[str] | None, typer.Argument(metavar="RECIPIENT", help="Envelope recipients.")] = None,
    *,
    sender: Annotated[
        str | None, typer.Option("--from", "-f", metavar="ADDRESS", help='Envelope sender; "" or <> is the null one.')
    ] = None,
) -> None:
    """Take the mail on the standard input; exits with 0 only when it is durable, with 75 on trouble.

    Example: maild deliver --from "$SENDER" support@example.com < mail
    """
    try:
        code = _take(ctx, sender, recipients or [])
    except MaildError as error:
        complain(str(error).split("\n"))
        code = EX_TEMPFAIL
    except Exception as error:  # noqa: BLE001  # the mail system keeps the mail
        complain([f"temporary trouble: {type(error).__name__}: {error}"])
        code = EX_TEMPFAIL
    raise typer.Exit(code)


def _take(ctx: typer.Context, sender: str | None, recipients: list[str]) -> int:
    from maild.bootstrap import Parts, open_database
    from maild.cli.config_file import read_config
    from maild.clock import utc_now
    from maild.intake.pipe import deliver as take_mail

    unknown = [word for word in recipients if word.startswith("-")]
    if unknown:
        complain([f"there is no option {unknown[0]}"])
        return EX_TEMPFAIL
    # The mail system may send on what we print: no log lines there, and no tracebacks.
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    config = read_config(ctx)
    database = open_database(config)
    try:
        return take_mail(
            sys.stdin.buffer,
            _Telling(Parts(config, database, NoBell()).inbox),
            envelope_from=sender.strip("<>") if sender is not None else None,
            envelope_to=tuple(recipients),
            now=utc_now(),
            limit=config.limits.message,
        )
    finally:
        database.close()


class _Telling:
    """An inbox whose trouble is told in one line."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def accept(self, arrivals: Sequence[Arrival], cursor: Cursor | None = None) -> int:
        """See the port."""
        try:
            return self._inbox.accept(arrivals, cursor)
        except MaildError as error:
            complain([str(error)])
            raise
