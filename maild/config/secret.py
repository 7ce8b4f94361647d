"""Reads secrets from where the file says they are: the value itself, a file, or the environment.

No message of this module holds a secret, and a secret that cannot be used is not repeated either.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pydantic import SecretStr

from maild.config.lines import KeyPath
from maild.config.model import Config
from maild.config.old_keys import old_keys_file, read_old_keys
from maild.config.paths import absolute
from maild.config.problems import Problems

SHORTEST = 16  # characters of the signing key; shorter ones can be guessed
_SECRETS = {
    "desk": "secret",
    "store": "url",
    "worker": "broker",
    "mailbox": "password",
    "send": "password",
    "oauth": "client_secret",
}
_OF_DIRECTORIES = {"sql": "url", "http": "token"}  # tables inside of [[directory]]
Table = dict[str, Any]


def resolve_secrets(data: Table, environ: Mapping[str, str], problems: Problems) -> None:
    """Put each secret's text into its table of `data`; faults go to `problems`.

    It works on the raw tables, before the types are checked, so that a missing password and a
    misspelt key beside it are told in one go.
    """
    for path, table, key in _tables(data):
        given = [name for name in (key, f"{key}_file", f"{key}_env") if name in table]
        if len(given) > 1:
            problems.add((*path, given[-1]), f"there is already {given[0]}; keep one of {', '.join(given)}")
        elif not given:
            _say_missing(path, table, key, problems)
        elif isinstance(table[given[0]], str):
            source = table[given[0]]
            found: str | None = source
            if given[0] == f"{key}_file":
                found = _from_file((*path, given[0]), absolute(Path(source), problems.places.folder(path)), problems)
            elif given[0] == f"{key}_env":
                found = _from_environment((*path, given[0]), source, environ, problems)
            if path[0] == "desk" and found is not None and len(found) < SHORTEST:
                problems.add((*path, given[0]), f"the key is shorter than {SHORTEST} characters; {_HOW_TO_MAKE}")
            elif found is not None:
                table[key] = found


def old_secrets(config: Config) -> tuple[SecretStr, ...]:
    """The earlier signing keys of `desk.old_secrets_file`, which `load` has checked to be readable."""
    file = old_keys_file(config.desk)
    keys = read_old_keys(file.read_text("utf-8")) if file else []
    return tuple(SecretStr(key) for key, _ in keys)


def secret_values(config: Config) -> tuple[str, ...]:
    """Every secret of the configuration in clear, for the log's redaction and nothing else."""
    wanted = [config.desk.secret, config.send.password, *(box.password for box in config.mailbox)]
    wanted += [account.client_secret for account in config.oauth]
    found = [secret.get_secret_value() for secret in (*wanted, *old_secrets(config)) if secret]
    tokens = (each.http.token for each in config.directory if each.http is not None)
    found += [token.get_secret_value() for token in tokens if token]
    urls = [each.sql.url for each in config.directory if each.sql is not None]
    for url in (config.store.url, config.worker.broker, *(url for url in urls if url)):
        credentials = url.get_secret_value().partition("://")[2].rpartition("@")[0]
        password = credentials.partition(":")[2]
        found += [password, unquote(password)] if password else []
    return tuple(found)


def check_private(path: KeyPath, file: Path, problems: Problems) -> bool:
    """Whether a file with a secret is there, readable, and closed to other users; faults are noted."""
    try:
        mode = file.stat().st_mode
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        why = error.strerror if isinstance(error, OSError) else error
        problems.add(path, f"cannot read {file}: {why}; a path is relative to this file")
        return False
    if not stat.S_ISREG(mode):
        problems.add(path, f"{file} is not a file; give the file that holds the secret")
        return False
    if mode & 0o037:  # anything beyond 0640
        problems.add(path, f"{file} is open to other users (mode {mode & 0o777:04o}); chmod 0600 {file}")
        return False
    if not os.access(file, os.R_OK):
        problems.add(path, f"cannot read {file}: Permission denied; it must belong to maild's user")
        return False
    return True


_HOW_TO_MAKE = "`maild init` makes one, or: (umask 077; head -c 32 /dev/urandom | base32 > secret.key)"


def _tables(data: Table) -> Iterator[tuple[KeyPath, Table, str]]:
    """Every table that may hold a secret, with its path and its key; what is no table is somebody else's fault."""
    for path, table in _outer(data):
        if path[0] != "directory":
            yield path, table, _SECRETS[str(path[0])]
            continue
        for name, key in _OF_DIRECTORIES.items():
            if isinstance(table.get(name), dict):
                yield (*path, name), table[name], key


def _outer(data: Table) -> Iterator[tuple[KeyPath, Table]]:
    for name in (*_SECRETS, "directory"):
        value = data.setdefault(name, {}) if name == "desk" else data.get(name)
        if isinstance(value, dict):
            yield (name,), value
        elif isinstance(value, list):
            yield from (((name, i), table) for i, table in enumerate(value) if isinstance(table, dict))


def _say_missing(path: KeyPath, table: Table, key: str, problems: Problems) -> None:
    """Note a secret that is needed; store and worker have defaults, a relay may want no login."""
    if path[0] == "desk":
        problems.add((*path, key), f'there is no key; set secret_file = "secret.key" ({_HOW_TO_MAKE})')
    elif path[-1] == "sql":
        problems.add((*path, key), "there is no URL; set url_file, url_env or url")
    elif path[0] == "oauth" or "oauth" in table or (path[0] == "mailbox" and "token_command" in table):
        return  # OAuth2 takes the place of a password; whether a secret is needed, oauth_checks knows
    elif path[0] == "mailbox" or (path[0] == "send" and "username" in table):
        problems.add((*path, key), "there is no password; set password_file, password_env or password")


def _from_file(path: KeyPath, file: Path, problems: Problems) -> str | None:
    if not check_private(path, file, problems):
        return None
    try:
        text = file.read_text("utf-8-sig").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        # Not its text: a UnicodeDecodeError carries the whole content.
        problems.add(path, f"cannot read {file} ({type(error).__name__}); it must hold one line of text")
        return None
    if not text.strip() or "\n" in text:
        problems.add(path, f"{file} holds {'several lines' if text.strip() else 'nothing'}; write one line")
        return None
    return text


def _from_environment(path: KeyPath, name: str, environ: Mapping[str, str], problems: Problems) -> str | None:
    text = environ.get(name, "")
    if not text.strip():
        problems.add(path, f"the environment has no {name}; set it where maild is started")
        return None
    return text
