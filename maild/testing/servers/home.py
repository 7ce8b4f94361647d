"""Where a private server lives, as whom it runs."""

import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# Unix sockets lie below the home, and their paths end at 107 bytes. Dovecot's longest adds about 40.
LONGEST_HOME = 60


@dataclass(frozen=True)
class Account:
    """The user that a server runs as."""

    name: str
    uid: int
    gid: int
    #: The process has to change to this user first: we are root, and PostgreSQL refuses root.
    is_other: bool

    def own(self, path: Path) -> None:
        """Give a file or folder to the server."""
        if self.is_other:
            os.chown(path, self.uid, self.gid)


def unprivileged(*preferred: str) -> Account:
    """Who we are; for root, the first of `preferred` that exists, or nobody."""
    if os.geteuid() != 0:
        me = pwd.getpwuid(os.geteuid())
        return Account(me.pw_name, me.pw_uid, me.pw_gid, is_other=False)
    known = {user.pw_name: user for user in pwd.getpwall()}
    user = next(known[name] for name in (*preferred, "nobody") if name in known)
    return Account(user.pw_name, user.pw_uid, user.pw_gid, is_other=True)


@contextmanager
def private_home(name: str, account: Account, folder: Path | None) -> Iterator[Path]:
    """A new folder that belongs to the server: in `folder` if that serves, else a short one of its own.

    It does not serve when its path is too long for Unix sockets, or when the account cannot reach
    it: pytest's folders are closed to everyone but root.
    """
    parent = folder.resolve() if folder is not None else None
    if parent is not None and (not _reachable(parent, account) or len(str(parent)) > LONGEST_HOME - 20):
        parent = None
    # Not TMPDIR: it may be long (macOS) or private to root.
    home = Path(tempfile.mkdtemp(prefix=f"maild-{name}-", dir=parent or "/tmp"))  # noqa: S108 - mkdtemp
    try:
        account.own(home)
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _reachable(folder: Path, account: Account) -> bool:
    if not account.is_other:
        return True
    return all(place.stat().st_mode & 0o001 for place in (folder, *folder.parents))
