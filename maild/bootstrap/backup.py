"""Makes a backup of everything that is needed to go on: the database, the configuration and the signing keys."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from maild import __version__
from maild.bootstrap.backup_file import (
    DUMP,
    KEY,
    OLD_KEYS,
    SQLITE,
    Content,
    Manifest,
    open_backup,
    take_out,
    write_backup,
)
from maild.bootstrap.last_backup import LastBackup, note_backup
from maild.bootstrap.running import FOLDER, run_folder
from maild.config.files import files_of
from maild.config.model import Config
from maild.config.secret import old_secrets
from maild.errors import Permanent, Temporary
from maild.store.copying import belong, check_sqlite, copy_sqlite
from maild.store.dumping import check_dump, dump
from maild.store.engine import Database

_WORKSHOP, _LOCK = ".maild-backup.", "lock"
_DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A backup that stands where it belongs."""

    file: Path
    bytes: int
    manifest: Manifest
    removed: tuple[Path, ...]  # older ones
    left_out: tuple[str, ...]  # what is not in it, though the configuration names it


def make_backup(
    config: Config,
    file: Path,
    database: Database,
    target: Path,
    *,
    now: datetime,
    secret: bool = True,
    keep: int | None = None,
    progress: Callable[[int, int | None], None] = lambda _done, _all: None,
) -> Made:
    """Write a backup to `target`; in a folder it gets a name by its site and moment. `file` is the configuration.

    `keep`: so many backups of this site in that folder stay, the newest. `progress` is told pages or bytes, and of
    how many if that is known. Raises Permanent or Temporary, and OSError when there is no room.
    """
    folder, site = target if target.is_dir() else target.parent, site_of(config)
    target = folder / f"maild-{_in_names(site)}-{now:%Y%m%dT%H%M%SZ}.tar" if target.is_dir() else target
    with _alone(config.desk.data), _workshop(folder) as work:
        copy = work / "database"
        if database.sqlite:
            copy_sqlite(
                Path(str(database.engine.url.database)), copy, lambda left, total: progress(total - left, total)
            )
            name, figures = SQLITE, check_sqlite(copy)
        else:
            name, figures = DUMP, dump(database, copy, lambda done: progress(done, None))
        contents: dict[str, Content] = {name: copy}
        found, left_out = _configuration(file, config, secret=secret)
        contents |= found
        if secret:
            contents |= _keys(config)
        manifest = write_backup(
            target,
            work,
            contents,
            lambda digests: Manifest(maild=__version__, site=site, created=now, store=figures, files=digests),
        )
    made = target.stat().st_size
    note_backup(config.desk.data, LastBackup(at=now, file=target.absolute(), bytes=made))
    removed = _remove_old(folder, site, keep) if keep is not None else ()
    return Made(file=target, bytes=made, manifest=manifest, removed=removed, left_out=left_out)


def site_of(config: Config) -> str:
    """By what the backups of several sites in one folder are told apart."""
    return config.desk.address


def check_backup(file: Path, folder: Path, site: str = "") -> Manifest:
    """Read all of a backup and compare it with its manifest; `folder` has room for its database.

    Raises Permanent when anything is missing or damaged, or when it is a backup of another site, if it says of which.
    """
    with open_backup(file) as (manifest, tar), TemporaryDirectory(prefix=".maild-verify.", dir=folder) as work:
        if site and manifest.site not in {site, ""}:
            raise Permanent(
                f"{file} is a backup of {manifest.site}, not of {site}: give the configuration of that site"
            )
        for name in manifest.files:
            if name != manifest.database:
                take_out(tar, name, manifest, None)
        copy = Path(work) / "database"
        take_out(tar, manifest.database, manifest, copy)
        if manifest.database == DUMP:
            check_dump(copy)
        elif check_sqlite(copy) != manifest.store:
            raise Permanent("the database in it is not the one that its manifest tells of")
    return manifest


def _configuration(file: Path, config: Config, *, secret: bool) -> tuple[dict[str, Content], tuple[str, ...]]:
    """The configuration's files below its folder, and the names of those that are elsewhere.

    Without the secret, a file that holds any is left out as well.
    """
    home = file.absolute().parent
    letters = config.templates.folder
    named = [each.absolute() for each in files_of(file)]
    named += sorted(path for path in letters.rglob("*") if path.is_file()) if letters else []
    inside: dict[str, Content] = {}
    outside = []
    for path in named:
        if not path.is_relative_to(home):
            outside.append(str(path))
        elif not secret and _HOLDS_SECRET.search(path.read_text("utf-8", errors="replace")):
            outside.append(f"{path} (it holds secrets)")
        else:
            inside[f"config/{path.relative_to(home)}"] = path.read_bytes()
    return inside, tuple(outside)


_HOLDS_SECRET = re.compile(r"(?m)^\s*(?:secret|password|token)\s*=|://[^\s/:@]*:[^\s@]+@")


def _keys(config: Config) -> dict[str, Content]:
    """The signing keys, wherever the configuration takes them from."""
    key = config.desk.secret
    keys: dict[str, Content] = {KEY: f"{key.get_secret_value()}\n".encode()} if key else {}
    if old := old_secrets(config):
        keys[OLD_KEYS] = "".join(f"{each.get_secret_value()}\n" for each in old).encode()
    return keys


def _in_names(site: str) -> str:
    """A site as part of a file's name."""
    return re.sub(r"[^\w.@+-]", "_", site)


def _remove_old(folder: Path, site: str, keep: int) -> tuple[Path, ...]:
    """Remove all but the newest; only what has the name of a backup of this site, or one of before names had a site."""
    moment = r"(\d{8}T\d{6}Z)\.tar"
    ours, before = re.compile(rf"maild-{re.escape(_in_names(site))}-{moment}"), re.compile(f"maild-{moment}")
    found = [
        (name[1], path)
        for path in folder.iterdir()
        if (name := ours.fullmatch(path.name)) or ((name := before.fullmatch(path.name)) and _names_no_site(path))
    ]
    names = [path for _, path in sorted(found)]
    old = tuple(names[: max(0, len(names) - keep)])
    for path in old:
        path.unlink(missing_ok=True)
    return old


def _names_no_site(file: Path) -> bool:
    """Whether it is a backup, made before manifests said of which site."""
    try:
        with open_backup(file) as (manifest, _):
            return not manifest.site
    except Permanent:
        return False


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """One backup at a time. Raises Temporary when there is another, Permanent when this user may not know."""
    file = data / FOLDER / "backup.lock"
    with ExitStack() as held:
        try:
            folder = held.enter_context(run_folder(data))
            held.enter_context(_locked(_open_lock(file.name, folder, data)))
        except BlockingIOError:
            raise Temporary("another backup is being made") from None
        except PermissionError:
            raise Permanent(f"{file} is another user's: run this as maild's user, or as root") from None
        except OSError as error:
            raise Permanent(f"{file} cannot be locked: {error.strerror}; there must be no links in its place") from None
        yield


def _open_lock(name: str, folder: int, data: Path) -> int:
    """The handle of the lock; a new one belongs to the owner of the data. Raises OSError, also for a link."""
    try:
        opened = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644, dir_fd=folder)
    except FileExistsError:
        try:
            return os.open(name, os.O_RDWR | os.O_NOFOLLOW, dir_fd=folder)
        except PermissionError:  # of root: to read it is enough for a lock, but on NFS
            return os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder)
    try:
        belong(opened, data)
    except BaseException:
        os.close(opened)
        raise
    return opened


@contextmanager
def _workshop(folder: Path) -> Iterator[Path]:
    """A folder beside the target, on the same file system; what an interrupted backup has left is removed."""
    for left in folder.glob(f"{_WORKSHOP}*"):
        with suppress(OSError):
            if _is_left(left):
                shutil.rmtree(left, ignore_errors=True)
    with TemporaryDirectory(prefix=_WORKSHOP, dir=folder) as name:
        work = Path(name)
        new = work / f"{_LOCK}.new"
        with _locked(os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)):
            new.rename(work / _LOCK)
            yield work


def _is_left(workshop: Path) -> bool:
    """Whether nobody works in it any more. Raises OSError, too, when it is another site's, and at work."""
    try:
        with _locked(os.open(workshop / _LOCK, os.O_RDWR | os.O_NOFOLLOW)):
            return True
    except FileNotFoundError:  # it may be so new that it is not locked yet
        return time.time() - workshop.stat().st_mtime > _DAY


@contextmanager
def _locked(opened: int) -> Iterator[None]:
    """Hold the lock of an open file, which ends with the process, and close it.

    Raises OSError: BlockingIOError when it is held.
    """
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(opened)
