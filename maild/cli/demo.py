"""`maild demo`: the real daemon, and a story that is played to it."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from maild.cli.options import Json
from maild.cli.terminal import complain, console

_PAUSE = 2.0  # seconds to read each of nine steps


def demo(
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running afterwards, until Ctrl-C.")] = False,
    fast: Annotated[bool, typer.Option("--fast", help="No pauses to read; a pipe has none anyway.")] = False,
    folder: Annotated[Path | None, typer.Option(help="A new folder for everything; else a temporary one.")] = None,
    as_json: Json = False,
) -> None:
    """Play the demo: mails come in, tickets and answers come out; nothing leaves this machine.

    The daemon, its SMTP receiver and the IMAP server are real. Every step is checked; exits with 0
    only if all went as told. The folder with the letters stays.

    Example: maild demo --keep
    """
    from maild.demo.json_lines import JsonLines
    from maild.demo.play import play
    from maild.demo.screen import Screen

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without umlauts or ✓ is no reason to stop
    out = console()
    pause = _PAUSE if out.is_terminal and not fast else 0
    teller = JsonLines(sys.stdout) if as_json else Screen(out, pause=pause)
    try:
        kept = play(teller, folder, keep=keep)
    except KeyboardInterrupt:
        complain(["stopped before the end"])
        raise typer.Exit(1) from None
    if not kept:
        raise typer.Exit(1)
