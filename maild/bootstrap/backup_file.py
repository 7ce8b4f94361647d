"""The file of a backup: an ordinary tar, with a manifest that tells of every other file in it.

manifest.json           version, when, the store's figures, SHA-256 of each file
database/maild.db       SQLite; or database/maild.dump, PostgreSQL's custom format
config/maild.toml       the configuration with what it includes, and a site's own letters
keys/secret.key         the signing key; keys/old-secrets.keys, those of before
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from maild.errors import Permanent
from maild.store.copying import sync
from maild.store.fingerprint import Fingerprint

FORMAT = 1
MANIFEST, SQLITE, DUMP = "manifest.json", "database/maild.db", "database/maild.dump"
KEY, OLD_KEYS = "keys/secret.key", "keys/old-secrets.keys"
_CHUNK = 1 << 20

Content = Path | bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself."""

    maild: str  # the version of the program that wrote it
    created: datetime  # no mail that came later is in it
    store: Fingerprint
    files: Mapping[str, str]  # SHA-256 by name
    site: str = ""  # the desk's address; "" in one made before manifests said so

    @property
    def database(self) -> str:
        """The name of the database among the files."""
        return DUMP if DUMP in self.files else SQLITE

    def text(self) -> bytes:
        """As it is written."""
        known = {"format": FORMAT, **asdict(self), "created": self.created.isoformat()}
        return json.dumps(known, indent=1).encode() + b"\n"


def read_manifest(text: bytes) -> Manifest:
    """Raises Permanent when it is none, or of a later format."""
    try:
        known = json.loads(text)
        if known.pop("format") > FORMAT:
            raise Permanent("it was written by a newer maild: update this one")
        created, store = datetime.fromisoformat(known.pop("created")), Fingerprint(**known.pop("store"))
        return Manifest(created=created, store=store, **known)
    except (ValueError, KeyError, TypeError) as error:
        raise Permanent(f"its manifest cannot be read: {error}") from None


def write_backup(
    target: Path, work: Path, contents: Mapping[str, Content], make: Callable[[Mapping[str, str]], Manifest]
) -> Manifest:
    """Write a backup, mode 0600, on the disk before it has its name; one that stands there is replaced.

    `work` is a folder on the same file system, `make` gets the digests of the contents.
    """
    manifest = make({name: _digest(content) for name, content in contents.items()})
    new = work / target.name
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for name, content in ((MANIFEST, manifest.text()), *contents.items()):
                _add(tar, name, content, manifest.created)
        out.flush()
        os.fsync(out.fileno())
    new.replace(target)
    sync(target.parent)
    return manifest


@contextmanager
def open_backup(file: Path) -> Iterator[tuple[Manifest, tarfile.TarFile]]:
    """A backup's manifest, and the file to `take_out` of. Raises Permanent when it is none.

    An OSError of whoever works with it is passed on: it need not be the backup that is at fault.
    """
    with ExitStack() as opened:
        try:
            tar = opened.enter_context(tarfile.open(file, "r:"))
            first = tar.next()
            stream = tar.extractfile(first) if first is not None and first.name == MANIFEST else None
            if stream is None:
                raise Permanent(f"{file} is no backup of maild")
            with stream:
                manifest = read_manifest(stream.read())
        except (OSError, tarfile.TarError) as error:
            raise Permanent(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from None
        try:
            yield manifest, tar
        except tarfile.TarError as error:
            raise Permanent(f"{file} cannot be read: {error}") from None


def take_out(tar: tarfile.TarFile, name: str, manifest: Manifest, target: Path | None) -> bytes:
    """Read one file of a backup and compare its digest; into `target`, mode 0600, or into memory.

    Raises Permanent when it is missing or damaged.
    """
    try:
        stream = tar.extractfile(name)
    except KeyError:
        stream = None
    if stream is None:
        raise Permanent(f"{name} is missing in the backup")
    kept = io.BytesIO()
    with stream:
        if target is None:
            digest = _pour(stream, kept)
        else:
            with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                digest = _pour(stream, out)
    if digest != manifest.files.get(name):
        raise Permanent(f"{name} in the backup is damaged: its SHA-256 is not the one in the manifest")
    return kept.getvalue()


def _add(tar: tarfile.TarFile, name: str, content: Content, at: datetime) -> None:
    member = tarfile.TarInfo(name)
    member.mode, member.mtime = 0o600, int(at.timestamp())
    member.size = content.stat().st_size if isinstance(content, Path) else len(content)
    with _opened(content) as stream:
        tar.addfile(member, stream)


def _opened(content: Content) -> IO[bytes]:
    return content.open("rb") if isinstance(content, Path) else io.BytesIO(content)


def _digest(content: Content) -> str:
    with _opened(content) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]  # any readable stream


def _pour(stream: IO[bytes], out: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
        out.write(chunk)
    return digest.hexdigest()
