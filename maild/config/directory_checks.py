"""Checks of directories: exactly one source, which can be asked as it is meant, and over a line that nobody reads."""

from __future__ import annotations

import importlib.util
from urllib.parse import urlsplit

from maild.config.directory_tables import KEY_PLACE, SORTS, DirectoryTable, HttpTable, SqlTable
from maild.config.faults import nearest
from maild.config.lines import KeyPath
from maild.config.listen import is_loopback
from maild.config.problems import Problems

_SOURCES = ("csv", "sql", "http")
_OURS = {  # what we make something of, beside the key
    "orders": ("customer", "product", "branch", "serial"),
    "serials": ("customer", "product", "branch", "order"),
    "products": ("product", "branch"),
    "customers": ("domains", "groups", "tags", "priority", "branch"),
    "agents": ("name", "team", "role", "skills", "languages"),
    "teams": ("agents", "manager"),
    "branches": ("manager", "customers", "domains"),
}
_KEYS = {"customers": "name", "agents": "address", "teams": "name", "branches": "name"}


def key_of(of: str) -> str:
    """Our name of the column by which entries of a sort are told apart."""
    return _KEYS.get(of, "key")


def check_directory(path: KeyPath, directory: DirectoryTable, problems: Problems) -> None:
    """Note every fault of one directory; its paths are absolute."""
    given = [name for name in _SOURCES if getattr(directory, name) is not None]
    if not given:
        problems.add((*path, "csv"), "it has no source; give one of csv, sql, http")
    for name in given[1:]:
        problems.add((*path, name), f"there is already {given[0]}; keep one of {', '.join(given)}")
    if directory.csv is not None and not directory.csv.is_file():
        problems.add((*path, "csv"), f"there is no file {directory.csv}; a path is relative to this file")
    if directory.sql is not None:
        _sql((*path, "sql"), directory.sql, problems)
    if directory.http is not None:
        _http((*path, "http"), directory.http, problems)
    if directory.of not in SORTS:
        _list(path, directory, problems)
    elif not directory.patterns:
        text = r"is missing; by what are keys recognised in mails? Write patterns = ['\bSO-\d{6}\b']"
        problems.add((*path, "patterns"), text)
    _columns(path, directory, problems)


def _list(path: KeyPath, directory: DirectoryTable, problems: Problems) -> None:
    """People and companies are known before a mail comes."""
    if directory.patterns:
        text = f"{directory.of} are not looked for in mails; leave it out, or say of = "
        problems.add((*path, "patterns"), text + ", ".join(f'"{each}"' for each in SORTS))
    if directory.by_key:
        what, where = (":key", "query") if directory.sql is not None else (KEY_PLACE, "url")
        at: KeyPath = (*path, "sql" if directory.sql is not None else "http", where)
        problems.add(at, f"{directory.of} are read as a whole list; leave {what} out")


def _columns(path: KeyPath, directory: DirectoryTable, problems: Problems) -> None:
    """A slip of the pen would silently lose what we make something of; other words are facts for agents."""
    ours = (key_of(directory.of), *_OURS[directory.of])
    for name in directory.columns:
        near = nearest(name, ours) if name not in ours and directory.of not in SORTS else None
        if near and near not in directory.columns:
            problems.add((*path, "columns", name), f"nothing is made of {name!r} here; did you mean {near}?")
    if directory.columns and ours[0] not in directory.columns:
        text = f"has no {ours[0]}, by which {directory.of} are told apart; write columns = {{ {ours[0]} = "
        problems.add((*path, "columns"), text + '"THEIR NAME", ... }')


def _sql(path: KeyPath, table: SqlTable, problems: Problems) -> None:
    """Only the beginning of a URL is looked at and nothing is repeated: it may hold a password."""
    url = table.url.get_secret_value() if table.url else ""
    if url and not url.startswith(("sqlite:///", "postgresql://", "postgres://", "mysql+", "mariadb+", "mssql+")):
        text = "this kind of URL is not known; it can be sqlite:///..., postgresql://... or DATABASE+DRIVER://..."
        problems.add((*path, "url"), text)
    elif url.startswith("postgres") and importlib.util.find_spec("psycopg") is None:
        problems.add((*path, "url"), "its driver is not installed; install maild[postgresql]")
    if not table.query.lstrip().lower().startswith(("select", "with", "values", "call", "exec", "table")):
        problems.add((*path, "query"), "this is no query; write SELECT ... FROM ...")


def _http(path: KeyPath, table: HttpTable, problems: Problems) -> None:
    at = (*path, "url")
    try:
        parts = urlsplit(table.url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in ("https", "http") or not host or not table.url.isascii() or " " in table.url:
        problems.add(at, "is not an address; write it like https://shop.example.com/api/orders/{key}")
    elif KEY_PLACE in parts.netloc or parts.fragment:
        problems.add(at, "a key belongs into the path or behind the ?, and there is no # in an address that is asked")
    elif parts.username or parts.password:
        problems.add(at, "holds a login; write it into headers, or a token into token_file")
    elif parts.scheme == "http" and not (is_loopback(host) or table.allow_plaintext):
        text = "what is asked and answered could be read and changed on the way; write https://"
        problems.add(at, f"{text}, or set allow_plaintext = true")
    for name, value in table.headers.items():
        if not name.replace("-", "").isalnum() or not name.isascii() or not value.isascii():
            problems.add((*path, "headers", name), "is no header; letters, digits and dashes, and ASCII in the value")
