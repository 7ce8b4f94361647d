"""`maild login`: signs in at a mail provider once, so that maild can read and send mail from then on."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Annotated

import typer

from maild.bootstrap.accounts import kept_tokens, make_account, make_client, standings
from maild.cli.config_file import read_config
from maild.cli.options import Json
from maild.cli.terminal import ago, print_json, say, table
from maild.clock import utc_now
from maild.config.connection_tables import OAuth
from maild.config.model import Config
from maild.errors import Permanent
from maild.oauth.account import Standing

if TYPE_CHECKING:
    from maild.oauth.grants import BrowserLogin, Client
    from maild.oauth.kept import Tokens

_NOWHERE = "http://127.0.0.1:1/"  # where nobody listens: the browser fails there, and shows the whole address
_PAGE = b"<!doctype html><title>maild</title><p>Thank you. You may close this page and look at the terminal."


def login(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="The account, as [[oauth]] names it; needed if there are several.")] = "",
    *,
    paste: Annotated[
        bool, typer.Option("--paste", help="Your browser is on another machine: paste the address it ends at here.")
    ] = False,
    show: Annotated[bool, typer.Option("--show", help="Only show how it stands with every account.")] = False,
    as_json: Json = False,
) -> None:
    """Sign in at Google, Microsoft or another provider, so that maild can read and send mail there.

    Tokens are kept in the data folder, for maild's user only, and renewed by themselves. Run this as maild's user. A
    running daemon takes them up at its next try. With --show: exits with 1 when somebody has to sign in.

    Example: maild login office
    """
    config = read_config(ctx)
    if show:
        _show(standings(config), as_json=as_json)
        return
    account = _chosen(config, name)
    try:
        tokens = _sign_in(make_client(account), account, paste=paste)
    except _refusals() as error:
        raise Permanent(f"account {account.name}: the issuer refuses: {error}") from None
    if not tokens.refresh:
        raise Permanent(
            f"account {account.name}: the issuer gave no refresh token, so this would last an hour;"
            " its scopes must ask for one (often offline_access)"
        )
    kept = kept_tokens(config, account)
    try:
        with kept.alone():
            kept.write(tokens)
    except OSError as error:
        raise Permanent(f"account {account.name}: {kept.file}: {error.strerror}; run this as maild's user") from None
    if as_json:
        print_json(asdict(make_account(config, account).standing()))
    else:
        say(f"signed in: account {account.name} gives tokens from now on", style="green")


def _refusals() -> type[Exception]:
    from maild.oauth.asking import Refused

    return Refused


def _chosen(config: Config, name: str) -> OAuth:
    """The account that is meant. Raises Permanent when none is, or nobody signs in to it."""
    if not config.oauth:
        raise Permanent("there is no [[oauth]] in the configuration; docs/oauth.md says how to write one")
    if not name and len(config.oauth) > 1:
        raise Permanent(f"which account? There are {', '.join(each.name for each in config.oauth)}")
    found = next((each for each in config.oauth if each.name == name or not name), None)
    if found is None:
        raise Permanent(f"there is no account {name!r}; there are {', '.join(each.name for each in config.oauth)}")
    if found.grant != "login":
        raise Permanent(f'account {found.name} has grant = "{found.grant}": nobody signs in, it works by itself')
    return found


def _sign_in(client: Client, account: OAuth, *, paste: bool) -> Tokens:
    from maild.oauth.grants import BrowserLogin, begin_device, finish_device

    hint = account.username or ""
    if client.issuer.device_url and not paste:
        code = begin_device(client, utc_now)
        _tell(f"Open  {code.address}  in any browser, enter the code  {code.user_code}")
        _tell(f"and sign in{f' as {hint}' if hint else ''}. Waiting until {code.until:%H:%M} UTC; Ctrl-C gives up.")
        return finish_device(client, code, utc_now, lambda length: time.sleep(length.total_seconds()))
    if paste:
        login = BrowserLogin(client, _NOWHERE, hint)
        _invite(login, hint)
        _tell("It ends at a page that cannot be opened: paste the address of that page here.")
        return login.finish(_pasted(), utc_now)
    with _listening() as server:
        login = BrowserLogin(client, f"http://127.0.0.1:{server.server_port}/", hint)
        _invite(login, hint)
        _tell("Waiting; Ctrl-C gives up. If your browser is on another machine: maild login --paste")
        while not server.ended_at:
            server.handle_request()
        return login.finish(server.ended_at, utc_now)


def _invite(login: BrowserLogin, hint: str) -> None:
    _tell(f"Open this address in a browser and sign in{f' as {hint}' if hint else ''}:\n\n{login.address}\n")


def _pasted() -> str:
    return sys.stdin.readline().strip()


def _tell(text: str) -> None:
    """To a person: standard output may be read by a program."""
    typer.echo(text, err=True)


class _Server(HTTPServer):
    ended_at = ""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10  # seconds: a browser may open a connection and say nothing

    def do_GET(self) -> None:  # http.server's name
        """Take the code that the issuer sent the browser here with; anything else is no page of ours."""
        found = "code=" in self.path or "error=" in self.path
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        if found:
            self.wfile.write(_PAGE)
            self.server.ended_at = f"http://127.0.0.1:{self.server.server_port}{self.path}"

    def log_message(self, *_: object) -> None:
        """Say nothing: the line would hold the code."""


@contextmanager
def _listening() -> Iterator[_Server]:
    with _Server(("127.0.0.1", 0), _Handler) as server:
        yield server


def _show(standings: list[Standing], *, as_json: bool) -> None:
    now = utc_now()
    if as_json:
        print_json([asdict(each) for each in standings])
    else:
        rows = [
            [
                "!!" if each.trouble else "ok",
                each.name,
                "signs in" if each.signs_in else "by itself",
                f"renewed {ago(each.renewed_at, now)}" if each.renewed_at else "never used",
                f"until {each.ends_at:%Y-%m-%d}" if each.ends_at else "",
                each.trouble,
            ]
            for each in standings
        ]
        table(["", "account", "", "token", "sign in again", "trouble"], rows)
    if any(each.trouble for each in standings):
        raise typer.Exit(1)
