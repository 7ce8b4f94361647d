"""`maild run`: the daemon."""

from __future__ import annotations

import gc
from enum import StrEnum
from typing import Annotated

import typer

from maild.cli.config_file import read_config
from maild.cli.exits import EX_UNAVAILABLE
from maild.cli.logs import set_up_logs
from maild.cli.terminal import complain
from maild.config.model import Config
from maild.config.secret import secret_values


class Part(StrEnum):
    """What can be left out."""

    WORKER = "worker"


def run(
    ctx: typer.Context,
    *,
    without: Annotated[
        Part | None, typer.Option(help="Leave a part out: with `worker`, mail is only accepted here.")
    ] = None,
) -> None:
    """Run the daemon until SIGTERM; SIGHUP reads the configuration again.

    Example: maild --config /etc/maild/maild.toml run
    """
    start(ctx, doors=True, worker=without is not Part.WORKER)


def start(ctx: typer.Context, *, doors: bool, worker: bool) -> None:
    """Run a daemon with these roles in this process."""
    gc.disable()  # a tenth of the start; the daemon enables it
    from maild.bootstrap.daemon import Daemon, Roles

    def load() -> Config:
        config = read_config(ctx)
        set_up_logs(config.log.level, config.log.format, secrets=secret_values(config))
        return config

    try:
        Daemon(load(), Roles(doors=doors, worker=worker), load).run()
    except OSError as error:
        complain([f"cannot start: {error}"])
        raise typer.Exit(EX_UNAVAILABLE) from None
