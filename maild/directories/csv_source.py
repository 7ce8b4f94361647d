"""A directory in a CSV file: read whole, and again when the file has changed."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from maild.app.lookups import Entry, folded
from maild.directories.source import Reading, Trouble, entry_of

_DELIMITERS = ",;\t"


class CsvSource:
    """The port `Source` on a file; its first line has the names of the columns."""

    by_key = False

    def __init__(self, path: Path, reading: Reading) -> None:
        self._path = path
        self._reading = reading

    def stamp(self) -> object:
        """See the port."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return (found.st_mtime_ns, found.st_size, found.st_ino)

    def look(self, key: str) -> Entry | None:
        """See the port."""
        return next((entry for entry in self.all() if folded(entry.key) == folded(key)), None)

    def all(self) -> Sequence[Entry]:
        """See the port. A line without a key is left out, as spreadsheets write empty ones."""
        lines = csv.reader(io.StringIO(self._text(), newline=""), delimiter=self._delimiter, strict=False)
        try:
            head = [name.strip() for name in next(lines, [])]
            self._check(head)
            key = head.index(self._reading.columns.get(self._reading.key, self._reading.key))
            rows = [dict(zip(head, line, strict=False)) for line in lines if len(line) > key and line[key].strip()]
        except csv.Error as error:
            raise Trouble(f"{self._path.name}, line {lines.line_num}: {error}") from None
        return [entry_of(row, self._reading) for row in rows]

    def _text(self) -> str:
        try:
            if not self._path.is_file():
                raise Trouble(f"there is no file {self._path}")
            with self._path.open("rb") as file:
                raw = file.read(self._reading.largest + 1)
        except OSError as error:
            raise Trouble(f"{self._path} cannot be read: {error.strerror}") from None
        if len(raw) > self._reading.largest:
            raise Trouble(f"{self._path.name} is larger than {self._reading.largest} bytes")
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            raise Trouble(f"{self._path.name}, line {line}: is not UTF-8; save it as UTF-8") from None
        first = text.partition("\n")[0]
        self._delimiter = max(_DELIMITERS, key=first.count)
        return text

    def _check(self, head: Sequence[str]) -> None:
        wanted = [*self._reading.columns.values()]
        if self._reading.key not in self._reading.columns:
            wanted.append(self._reading.key)
        missing = [name for name in wanted if name not in head]
        if missing:
            raise Trouble(f"{self._path.name}, line 1: has no column {', '.join(missing)}; it has {', '.join(head)}")
