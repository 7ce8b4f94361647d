"""Finds the configuration file of a command and loads it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from maild.errors import ConfigError

if TYPE_CHECKING:
    from maild.config.model import Config


def config_path(ctx: typer.Context) -> Path:
    """The file of --config or MAILD_CONFIG, else the first that exists in the usual places.

    Raises ConfigError when there is none.
    """
    given = ctx.find_root().obj
    if isinstance(given, Path):
        return given
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    places = [Path("maild.toml"), home / "maild" / "maild.toml", Path("/etc/maild/maild.toml")]
    for place in places:
        if place.exists():
            return place
    looked = ", ".join(str(place) for place in places)
    raise ConfigError([f"there is no configuration: looked for {looked}; `maild init` writes one"])


def read_config(ctx: typer.Context) -> Config:
    """The loaded configuration. Raises ConfigError with every fault; `main` tells it and exits with 78."""
    from maild.config.load import load

    return load(config_path(ctx), os.environ)
