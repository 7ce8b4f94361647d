"""Makes the paths of a table absolute: the file's folder counts, not where maild was started."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from maild.config.connection_tables import Send
from maild.config.directory_tables import DirectoryTable
from maild.config.listen import parse_listen
from maild.config.mail_tables import VirusScan
from maild.config.model import Receiver, Store
from maild.config.routing_tables import Rule, RuleTest, is_mail
from maild.config.section import Section


def make_absolute(section: Section, base: Path, data: Path) -> Section:
    """The same table with absolute paths: below the file's folder, but `send.path` below the data folder."""
    start = data if isinstance(section, Send) else base
    changes: dict[str, Any] = {}
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, Path):
            changes[name] = absolute(value, base if name.endswith("_file") else start)
    for kind_of, name in ((Receiver, "listen"), (VirusScan, "clamd")):
        place = getattr(section, name) if isinstance(section, kind_of) else None
        socket = parse_listen(place).path if place else None
        if socket:
            changes[name] = f"unix:{absolute(socket, base)}"
    if isinstance(section, Store):
        changes["url"] = _absolute_url(section.url, base)
    if isinstance(section, DirectoryTable) and section.sql is not None and section.sql.url is not None:
        changes["sql"] = section.sql.model_copy(update={"url": _absolute_url(section.sql.url, base)})
    if isinstance(section, Rule):
        tests = (_with_path(test, base) for test in section.test)
        changes["test"] = tuple(tests)
    return section.model_copy(update=changes)


def _with_path(test: RuleTest, base: Path) -> RuleTest:
    mail = test.mail if is_mail(test.mail) else str(absolute(Path(test.mail), base))
    return test.model_copy(update={"mail": mail})


def _absolute_url(url: SecretStr, base: Path) -> SecretStr:
    """The URL of a database; SQLite's holds a path."""
    kind, slashes, file = url.get_secret_value().partition(":///")
    if kind == "sqlite" and slashes and not file.startswith(":memory:"):
        return SecretStr(f"sqlite:///{absolute(Path(file), base)}")
    return url


def absolute(path: Path, start: Path) -> Path:
    """`~` and `..` taken out; symbolic links stay, for they may be changed while maild runs."""
    home = os.path.expanduser(path)  # noqa: PTH111  # Path.expanduser raises for an unknown user
    return Path(os.path.normpath(start / home))
