"""Makes the accounts of [[oauth]]: who gives the tokens that mailboxes and the relay log in with."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from maild.app.ports import TokenSource
from maild.clock import Clock, utc_now
from maild.config.connection_tables import Mailbox, OAuth
from maild.config.model import Config
from maild.oauth.account import Account, Standing
from maild.oauth.command import TokenCommand
from maild.oauth.issuers import GOOGLE, Issuer, microsoft
from maild.oauth.kept import Kept, Tokens
from maild.oauth.keys import read_key

if TYPE_CHECKING:  # oauthlib may not be installed where nobody needs it
    from maild.oauth.grants import Client


def tokens_of(config: Config, user: Mailbox) -> TokenSource | None:
    """What a mailbox logs in with instead of a password; None: with a password."""
    if user.token_command:
        return TokenCommand(user.token_command)
    return named_account(config, user.oauth)


def named_account(config: Config, name: str | None) -> Account | None:
    """The account of this name; None without a name."""
    return next((make_account(config, each) for each in config.oauth if each.name == name), None)


def make_account(config: Config, account: OAuth, clock: Clock = utc_now) -> Account:
    """Gives tokens of an account; nothing is read, asked or made before somebody wants one."""
    return Account(
        account.name,
        account.client_id or account.name,
        kept_tokens(config, account),
        partial(_renew, account, clock),
        clock,
        signs_in=account.grant == "login",
    )


def standings(config: Config) -> list[Standing]:
    """How it stands with every account, as this machine knows it."""
    return [make_account(config, each).standing() for each in config.oauth]


def kept_tokens(config: Config, account: OAuth) -> Kept:
    """Where an account's tokens are."""
    return Kept(config.desk.data / "oauth" / f"{account.name}.json")


def issuer_of(account: OAuth) -> Issuer:
    """Where its tokens come from."""
    if account.provider == "other":
        return Issuer(
            token_url=account.token_url or "",
            device_url=account.device_url or "",
            browser_url=account.browser_url or "",
            scopes=account.scopes,
            own_scopes=account.scopes,
        )
    return GOOGLE if account.provider == "google" else microsoft(account.tenant or "organizations")


def make_client(account: OAuth) -> Client:
    """Maild as the issuer knows it."""
    from maild.oauth.asking import ask
    from maild.oauth.grants import Client

    secret = account.client_secret.get_secret_value() if account.client_secret else ""
    return Client(issuer=issuer_of(account), id=account.client_id or account.name, secret=secret, ask=ask)


def _renew(account: OAuth, clock: Clock, tokens: Tokens) -> Tokens:
    """Ask the issuer for fresh ones, in the way that the account has. Raises Away or Refused."""
    from maild.oauth import grants
    from maild.oauth.asking import Away

    client = make_client(account)
    if account.grant == "login":
        return grants.renewed(client, tokens, clock)
    if account.grant == "client":
        return grants.in_our_name(client, clock)
    if account.key_file is None or account.username is None:
        raise ValueError("the configuration was not checked")
    try:
        key = read_key(account.key_file.read_text("utf-8"))  # each time: it may have been changed
    except (OSError, ValueError) as error:
        raise Away(f"{account.key_file}: {type(error).__name__}") from None
    return grants.by_service_account(client, key, account.username, clock)
