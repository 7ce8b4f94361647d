"""Brings old mail in: an mbox file, a Maildir, one .eml file or a folder of them.

Read as a stream, in one pass, without the standard library's `mailbox`, which first scans the whole
file for its table of contents. Importing the same history twice takes nothing in twice.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from maild.app.arrival import Arrival, Door
from maild.app.ports import Inbox
from maild.intake.pipe import without_from_line

_BATCH_BYTES = 16 << 20  # a batch of large mails is committed before it has its number
_HEAD = 64 * 1024  # bytes at the beginning of a mail in which dates are looked for
_CHUNK = 1 << 20

# "From sender weekday month day time [zone] year": the date keeps an unescaped sentence that begins
# with "From " from cutting a mail in two.
_SEPARATOR = re.compile(rb"From [^\r\n]{0,320}\d\d:\d\d[^\r\n]{0,40}\d{4}")
_ESCAPED = re.compile(rb"^>(?=>*From )", re.MULTILINE)  # mboxrd; mboxo writes one ">" only
_MAILDIR_TIME = re.compile(r"(\d{9,11})\.")
_FIELD = re.compile(rb"^(received|date):((?:[^\n]|\n[ \t]){0,4000})", re.IGNORECASE | re.MULTILINE)
_OLDEST = datetime(1982, 8, 13, tzinfo=UTC)  # RFC 822; before that it was no mail of ours


def history(path: Path) -> Iterator[tuple[str, bytes]]:
    """Every mail with a name for messages to people: "inbox.mbox:3", or the file's name.

    A Maildir is read in the order in which its mails came, without those marked as trashed; a folder
    of .eml files, with the folders in it, in the order of names. Raises OSError, and ValueError when
    `path` is none of these.
    """
    if not path.is_dir():
        if path.suffix.lower() == ".eml" or not _is_mbox(path):
            yield path.name, without_from_line(path.read_bytes())
        else:
            yield from _mbox(path)
        return
    for file in _files(path):
        yield file.name, file.read_bytes()


def count_hint(path: Path) -> int:
    """About how many mails `history` will give, for a progress bar; reads an mbox once, quickly."""
    if path.is_dir():
        return len(_files(path))
    if path.suffix.lower() == ".eml" or not _is_mbox(path):
        return 1
    count, tail = 1, b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            block = tail + chunk
            count += block.count(b"\n\nFrom ") + block.count(b"\n\r\nFrom ")
            tail = block[-7:] if not block.endswith(b"From ") else b""
    return count


def import_history(
    path: Path,
    inbox: Inbox,
    now: datetime,
    batch: int = 100,
    progress: Callable[[int], None] | None = None,
    *,
    silent: bool = True,
) -> int:
    """Store every mail of `path`; returns how many were new.

    `batch` mails share a commit, after which `progress` gets their number. `silent`: no letters are
    written for them. Each mail counts as received when its topmost Received line says, else its Date,
    else `now`. Raises what `history` and `Inbox.accept` raise; the batches before stay stored, and a
    second run takes up where the first one ended, because each mail's transport_key is its SHA-256.
    """
    new = 0
    for arrivals in _batches(_arrivals(path, now, silent=silent), batch):
        new += inbox.accept(arrivals)
        if progress is not None:
            progress(len(arrivals))
    return new


def received_at(raw: bytes, now: datetime) -> datetime:
    """When an old mail came, in UTC, as far as its header tells; `now` if it does not, or names the future."""
    end = re.search(rb"\r?\n\r?\n", raw[:_HEAD])
    header = raw[: end.start() if end else _HEAD]
    fields = [(match[1].lower(), match[2]) for match in _FIELD.finditer(header)]
    topmost = [value.rpartition(b";")[2] for name, value in fields if name == b"received"][:1]
    for value in topmost + [value for name, value in fields if name == b"date"][:1]:
        moment = _moment(value)
        if moment is not None and _OLDEST <= moment <= now:
            return moment
    return now


def _moment(value: bytes) -> datetime | None:
    try:
        moment = parsedate_to_datetime(" ".join(value[:200].decode("ascii", "replace").split()))
        # "-0000" gives a naive time: a time in UTC from a place that is not told (RFC 5322 §3.3).
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _arrivals(path: Path, now: datetime, *, silent: bool) -> Iterator[Arrival]:
    for _, raw in history(path):
        if raw.strip():
            yield Arrival(
                door=Door.IMPORT,
                raw=raw,
                received_at=received_at(raw, now),
                transport_key=f"import:{hashlib.sha256(raw).hexdigest()}",
                silent=silent,
            )


def _batches(arrivals: Iterable[Arrival], most: int) -> Iterator[list[Arrival]]:
    batch: list[Arrival] = []
    size = 0
    for arrival in arrivals:
        batch.append(arrival)
        size += len(arrival.raw)
        if len(batch) >= most or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _is_mbox(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(5)
    return start == b"From "


def _mbox(path: Path) -> Iterator[tuple[str, bytes]]:
    """Cut at lines "From ... date" that follow an empty line, which belongs to the mailbox's format."""
    lines: list[bytes] = []
    number = 1
    empty_before = False
    with path.open("rb") as file:
        file.readline()  # the first separator
        for line in file:
            if empty_before and line.startswith(b"From ") and _SEPARATOR.match(line):
                yield f"{path.name}:{number}", _unescaped(lines)
                number += 1
                lines = []
                empty_before = False
                continue
            lines.append(line)
            empty_before = line in (b"\n", b"\r\n")
    yield f"{path.name}:{number}", _unescaped(lines)


def _unescaped(lines: list[bytes]) -> bytes:
    if lines and lines[-1] in (b"\n", b"\r\n"):
        lines.pop()
    return _ESCAPED.sub(b"", b"".join(lines))


def _files(folder: Path) -> list[Path]:
    if (folder / "cur").is_dir() or (folder / "new").is_dir():
        found = [
            file
            for name in ("cur", "new")
            if (folder / name).is_dir()
            for file in (folder / name).iterdir()
            if not file.name.startswith(".") and not _trashed(file)
        ]
        return sorted(found, key=lambda file: (_maildir_time(file), file.name))
    found = sorted(file for file in folder.rglob("*") if file.suffix.lower() == ".eml" and file.is_file())
    if not found:
        raise ValueError(f"{folder} is neither a Maildir nor a folder with .eml files")
    return found


def _trashed(file: Path) -> bool:
    return "T" in file.name.partition(":2,")[2]


def _maildir_time(file: Path) -> float:
    match = _MAILDIR_TIME.match(file.name)
    return float(match[1]) if match else file.stat().st_mtime
