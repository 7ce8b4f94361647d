"""Checks of [[oauth]]: each has what its grant needs, and whoever names one names one that is there."""

from __future__ import annotations

import importlib.util
from urllib.parse import urlsplit

from maild.config.connection_tables import Mailbox, OAuth, Send
from maild.config.faults import nearest
from maild.config.level_names import Sections, each_of
from maild.config.lines import KeyPath
from maild.config.listen import is_loopback
from maild.config.problems import Problems
from maild.config.secret import check_private
from maild.oauth.keys import read_key

_URLS = ("token_url", "device_url", "browser_url")


def check_oauth(sections: Sections, problems: Problems) -> None:
    """Note every fault; paths are absolute."""
    names = {account.name for _, account in each_of(sections, OAuth)}
    for path, account in each_of(sections, OAuth):
        if importlib.util.find_spec("oauthlib") is None:
            problems.add((*path, "provider"), "there is no module oauthlib; install maild[oauth]")
        _account(path, account, problems)
    for path, box in each_of(sections, Mailbox):
        _user(path, box, names, problems)
    for path, send in each_of(sections, Send):
        _user(path, send, names, problems)


def _user(path: KeyPath, user: Mailbox | Send, names: set[str], problems: Problems) -> None:
    name = user.oauth
    if name is None:
        return
    if name not in names:
        near = nearest(name, names)
        hint = f"did you mean {near}?" if near else f'write [[oauth]] with name = "{name}"'
        problems.add((*path, "oauth"), f"there is no account {name!r}; {hint}")
    for other in ("password", "token_command"):
        if getattr(user, other, None) is not None:
            problems.add((*path, "oauth"), f"there is already a {other}; keep one of them")
    if isinstance(user, Send) and not user.username:
        problems.add((*path, "username"), "is missing; with oauth, the relay wants to know whose mail it is")


def _account(path: KeyPath, account: OAuth, problems: Problems) -> None:
    by_key = account.grant == "service_account"
    wanted = {
        "client_id": not by_key,
        "client_secret": account.grant == "client" or (account.provider == "google" and not by_key),
        "key_file": by_key,
        "username": by_key,
        "tenant": account.provider == "microsoft" and account.grant == "client",
        "token_url": account.provider == "other",
        "scopes": account.provider == "other",
    }
    for key, is_wanted in wanted.items():
        if is_wanted and not getattr(account, key):
            problems.add((*path, key), f"is missing; {_WHERE[key]}")
    if by_key and account.provider == "microsoft":
        problems.add((*path, "grant"), 'Microsoft has no service accounts; set grant = "client"')
    if account.grant == "client" and account.provider == "google":
        problems.add((*path, "grant"), 'Google opens no mailbox in this way; set grant = "service_account" or "login"')
    if account.provider == "other":
        if account.grant == "login" and not (account.device_url or account.browser_url):
            problems.add((*path, "device_url"), "is missing; a login needs device_url or browser_url")
        for key in _URLS:
            url = getattr(account, key)
            if url and not _is_safe(url):
                text = "is no https:// address; a secret is sent there, write it like https://id.example.com/token"
                problems.add((*path, key), text)
    else:
        for key in _URLS:
            if getattr(account, key):
                problems.add((*path, key), f'is known for {account.provider}; leave it out, or set provider = "other"')
    if account.key_file:
        _key(path, account, problems)


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))


def _key(path: KeyPath, account: OAuth, problems: Problems) -> None:
    file = account.key_file
    if file is not None and check_private((*path, "key_file"), file, problems):
        try:
            read_key(file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            why = f"cannot be read ({type(error).__name__})" if isinstance(error, OSError | UnicodeError) else error
            problems.add((*path, "key_file"), f"{file}: {why}")


_WHERE = {
    "client_id": "the provider's console shows it where maild is registered (docs/oauth.md)",
    "client_secret": "set client_secret_file, client_secret_env or client_secret",
    "key_file": "the service account's key, downloaded as JSON",
    "username": "the mailbox that the service account opens",
    "tenant": "the tenant's domain or id, such as example.onmicrosoft.com",
    "token_url": "the address where this provider gives tokens",
    "scopes": "what this provider calls reading and sending mail",
}
