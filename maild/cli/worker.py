"""`maild worker`: processes that work off what was accepted."""

from __future__ import annotations

from typing import Annotated

import typer

from maild.cli.config_file import config_path, read_config
from maild.cli.exits import EX_CONFIG
from maild.cli.logs import set_up_logs
from maild.cli.run import start
from maild.cli.terminal import complain
from maild.config.secret import secret_values


def worker(
    ctx: typer.Context,
    *,
    processes: Annotated[
        int | None, typer.Option("--processes", "-p", min=1, max=64, help="How many; default: worker.processes.")
    ] = None,
) -> None:
    """Run worker processes until SIGTERM; they need Redis as the broker.

    Example: maild worker --processes 4
    """
    config = read_config(ctx)
    if config.worker.broker.get_secret_value() == "memory":
        complain(['worker.broker is "memory", which no other process can hear: set it to redis://HOST:PORT/0'])
        raise typer.Exit(EX_CONFIG)
    count = processes or config.worker.processes
    if count == 1:
        start(ctx, doors=False, worker=True)
        return
    from maild.bootstrap.processes import run_workers, this_program

    set_up_logs(config.log.level, config.log.format, secrets=secret_values(config))
    command = this_program("--config", str(config_path(ctx).absolute()), "worker", "--processes", "1")
    raise typer.Exit(run_workers(command, count))
