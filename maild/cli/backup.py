"""`maild backup`: one file with everything that is needed to go on, made while the daemon runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from maild.bootstrap.backup import Made, check_backup, make_backup, site_of
from maild.bootstrap.backup_file import Manifest
from maild.cli.config_file import config_path, read_config
from maild.cli.database import open_existing
from maild.cli.options import Json
from maild.cli.progress import progress
from maild.cli.terminal import print_json, say, size
from maild.clock import utc_now
from maild.errors import Permanent


def backup(
    ctx: typer.Context,
    target: Annotated[Path, typer.Argument(metavar="FILE|FOLDER", help="In a folder it is named by site and moment.")],
    *,
    verify: Annotated[bool, typer.Option("--verify", help="Check a backup instead of making one.")] = False,
    without_secret: Annotated[
        bool, typer.Option("--without-secret", help="Leave out the signing keys, and files that hold a secret.")
    ] = False,
    keep: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="In a folder: remove all backups but the newest N.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write the database, the configuration and the signing keys into one file; the daemon goes on meanwhile.

    The file appears when it is whole and on the disk. It holds customers' mails and your key: keep it as both.

    Example: maild backup /var/backups/maild --keep 7
    """
    if verify:
        try:
            manifest = check_backup(target, target.absolute().parent, _site(ctx))
        except OSError as error:
            raise Permanent(f"cannot check {target}: {error.filename or target.parent}: {error.strerror}") from None
        _tell_checked(target, manifest, as_json=as_json)
        return
    if keep is not None and not target.is_dir():
        raise typer.BadParameter(f"{target} is no folder", param_hint="--keep")
    if not target.is_dir() and not target.absolute().parent.is_dir():
        raise Permanent(f"there is no folder {target.absolute().parent}")
    config = read_config(ctx)
    database = open_existing(config)
    try:
        with progress("database") as count:
            done = 0

            def on(now_done: int, _total: int | None) -> None:
                nonlocal done
                count(now_done - done)
                done = now_done

            made = make_backup(
                config,
                config_path(ctx),
                database,
                target,
                now=utc_now(),
                secret=not without_secret,
                keep=keep,
                progress=on,
            )
    except OSError as error:
        raise Permanent(f"cannot write {error.filename or target}: {error.strerror}") from None
    finally:
        database.close()
    _tell_made(made, as_json=as_json)


def _site(ctx: typer.Context) -> str:
    """Whose backups are expected; "" on a machine that only keeps them, without a configuration."""
    return site_of(read_config(ctx)) if config_path(ctx).exists() else ""


def _tell_made(made: Made, *, as_json: bool) -> None:
    if as_json:
        print_json(
            _facts(made.file, made.manifest)
            | {"bytes": made.bytes, "removed": [str(each) for each in made.removed], "left_out": list(made.left_out)}
        )
        return
    say(f"{made.file}: {size(made.bytes)}, {_counts(made.manifest)}", style="green")
    for each in made.left_out:
        say(f"not in it: {each}")
    for path in made.removed:
        say(f"removed {path}")


def _tell_checked(file: Path, manifest: Manifest, *, as_json: bool) -> None:
    if as_json:
        print_json(_facts(file, manifest) | {"ok": True})
        return
    say(f"{file} is whole: {_counts(manifest)}", style="green")
    moment = f"{manifest.created:%Y-%m-%d %H:%M:%S} UTC"
    whose = f"of {manifest.site}, " if manifest.site else ""
    say(f"{whose}made {moment} by maild {manifest.maild}, tables {manifest.store.schema}")


def _facts(file: Path, manifest: Manifest) -> dict[str, object]:
    return {
        "file": str(file),
        "site": manifest.site,
        "created": manifest.created,
        "schema": manifest.store.schema,
        "counts": manifest.store.counts,
        "heads": manifest.store.heads,
        "files": sorted(manifest.files),
    }


def _counts(manifest: Manifest) -> str:
    return ", ".join(f"{count} {name}" for name, count in manifest.store.counts.items())
