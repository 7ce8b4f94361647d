"""Replaces the signing key while letters signed with the old one are under way.

The old key is written down first: whatever interrupts this, every letter's address is known by one of the files.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from maild.config.model import Config
from maild.config.old_keys import beside_key, old_keys_file, read_old_keys, write_old_keys
from maild.errors import Permanent
from maild.store.copying import sync

OVERLAP = timedelta(days=90)  # customers answer letters that are months old


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """Where the keys are now."""

    key: Path
    old: Path
    accepted: int  # earlier keys


def rotate_key(config: Config, today: date) -> Rotated:
    """Sign with a new key from now on, and accept the one of before. Raises Permanent when no file holds the key."""
    file, key = config.desk.secret_file, config.desk.secret
    old = old_keys_file(config.desk) or beside_key(config.desk)
    if file is None or old is None or key is None:
        where = f"the environment ({config.desk.secret_env})" if config.desk.secret_env else "the configuration itself"
        raise Permanent(
            f"the key stands in {where}: write it into a file of mode 0600, set desk.secret_file to it,"
            " and call this again"
        )
    keys = _old_keys(old)
    used = key.get_secret_value()
    if used not in [each for each, _ in keys]:
        keys.insert(0, (used, today))
        _write(old, write_old_keys(keys))
    new = base64.b32encode(secrets.token_bytes(32)).decode().rstrip("=")
    _write(file, f"{new}\n")
    return Rotated(key=file, old=old, accepted=len(keys))


def forget_old_keys(config: Config, today: date, *, young: bool) -> tuple[Sequence[date | None], int]:
    """Accept earlier keys no more, but for those that were replaced less than OVERLAP ago, unless `young`.

    Returns the days on which the forgotten ones were replaced, and how many are still accepted.
    """
    old = old_keys_file(config.desk)
    keys = _old_keys(old) if old is not None else []
    kept = [(key, day) for key, day in keys if not young and day is not None and today - day < OVERLAP]
    gone = [day for key, day in keys if (key, day) not in kept]
    if old is not None and gone:
        if kept:
            _write(old, write_old_keys(kept))
        elif config.desk.old_secrets_file is None:
            old.unlink()
            sync(old.parent)
        else:
            raise Permanent(
                f"take desk.old_secrets_file out of the configuration, `maild reload`, and remove {old}:"
                " no earlier key is to be accepted"
            )
    return gone, len(kept)


def _old_keys(file: Path) -> list[tuple[str, date | None]]:
    try:
        return read_old_keys(file.read_text("utf-8"))
    except FileNotFoundError:
        return []


def _write(file: Path, text: str) -> None:
    """Replace a file in one step, on the disk, with the owner and the mode of the one before (0600 for a new one)."""
    new = file.with_name(f"{file.name}.new")
    new.unlink(missing_ok=True)  # of a run that was interrupted
    try:
        before = file.stat()
    except FileNotFoundError:
        before = None
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        if before is not None:
            os.fchmod(out.fileno(), before.st_mode & 0o777)
            if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(out.fileno(), before.st_uid, before.st_gid)
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    new.replace(file)
    sync(file.parent)
