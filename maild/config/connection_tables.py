"""The tables of the configuration that say where mail is fetched, where letters go, and how one signs in there."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from maild.config.section import SECOND, Section
from maild.config.values import Duration, MailAddress, Security, ShortName


class Mailbox(Section):
    """An IMAP mailbox that is emptied into tickets. Any number of them."""

    name: ShortName = Field(description="A short name for logs, status and the cursor; must not change.")
    host: str = Field(description="The IMAP server.")
    port: int | None = Field(default=None, ge=1, le=65535, description="993 with tls, else 143, unless given.")
    security: Security = Field(default="tls", description="tls, starttls, or none (only on the same machine).")
    username: str = Field(description="The login name.")
    password: SecretStr | None = Field(default=None, description="The password; better in a file or the environment.")
    password_file: Path | None = Field(default=None, description="File that holds the password.")
    password_env: str | None = Field(default=None, description="Environment variable that holds the password.")
    token_command: tuple[str, ...] | None = Field(
        default=None,
        min_length=1,
        description="Instead of a password: a command that prints an OAuth2 access token, for Gmail or Microsoft 365.",
    )
    oauth: ShortName | None = Field(
        default=None, description="Instead of a password: the [[oauth]] account whose tokens open it (docs/oauth.md)."
    )
    folder: str = Field(default="INBOX", description="The folder that is read.")
    address: MailAddress | None = Field(
        default=None, description="The support address this mailbox stands for; by default desk.address."
    )
    after: Literal["move", "flag", "delete", "leave"] = Field(
        default="move", description="What happens to a mail on the server after it is safely stored."
    )
    move_to: str = Field(default="Processed", description='The folder for `after = "move"`; made when missing.')
    first_run: Literal["new", "all"] = Field(
        default="new", description="new: only mail that arrives from now on; all: also what is there already."
    )
    idle: bool = Field(default=True, description="Use IDLE where the server has it; polling goes on as a net.")
    poll: Duration = Field(
        default=timedelta(minutes=1), ge=SECOND, description="How often to look when IDLE says nothing."
    )
    batch: int = Field(default=50, ge=1, le=500, description="Mails fetched and committed at a time.")


class OAuth(Section):
    """An account at Google, Microsoft or another that gives out OAuth2 tokens (docs/oauth.md). Any number of them."""

    name: ShortName = Field(description="A short name, for `oauth` of mailboxes and the relay; must not change.")
    provider: Literal["google", "microsoft", "other"] = Field(description="Who gives out the tokens.")
    grant: Literal["login", "client", "service_account"] = Field(
        default="login",
        description="login: somebody signs in once by `maild login`; client: maild's own name and secret (Microsoft);"
        " service_account: a key that opens every mailbox of a Google Workspace.",
    )
    client_id: str = Field(default="", description="What the provider calls this maild, from its console.")
    client_secret: SecretStr | None = Field(default=None, description="Its secret; better in a file or environment.")
    client_secret_file: Path | None = Field(default=None, description="File that holds it.")
    client_secret_env: str | None = Field(default=None, description="Environment variable that holds it.")
    key_file: Path | None = Field(default=None, description="The service account's key, as JSON from the console.")
    username: MailAddress | None = Field(
        default=None, description="Whose mail it is; needed with service_account, else it only fills in the login page."
    )
    tenant: str | None = Field(
        default=None, description="Microsoft: the tenant's domain or id; with `client` it is needed."
    )
    token_url: str | None = Field(default=None, description="provider = other: where tokens are given.")
    device_url: str | None = Field(default=None, description="And where a login by device begins (RFC 8628), or")
    browser_url: str | None = Field(default=None, description="where a login in a browser begins.")
    scopes: tuple[str, ...] = Field(default=(), description="What is asked for; Google's and Microsoft's are known.")


class Send(Section):
    """How letters leave."""

    kind: Literal["smtp", "maildir"] = Field(
        default="maildir",
        description="smtp: hand letters to a relay; maildir: only write them to a folder, for trials.",
    )
    host: str = Field(default="127.0.0.1", description="The relay.")
    port: int | None = Field(default=None, ge=1, le=65535, description="465 with tls, 587 with starttls, else 25.")
    security: Security = Field(default="starttls", description="tls, starttls, or none.")
    allow_plaintext: bool = Field(
        default=False,
        description='Permit security = "none" to another machine, without a login; letters can be read on the way.',
    )
    username: str | None = Field(default=None, description="Login name at the relay, if it wants one.")
    password: SecretStr | None = Field(default=None, description="The password; better in a file or the environment.")
    password_file: Path | None = Field(default=None, description="File that holds the password.")
    password_env: str | None = Field(default=None, description="Environment variable that holds the password.")
    oauth: ShortName | None = Field(
        default=None, description="Instead of a password: the [[oauth]] account whose tokens the relay takes."
    )
    hostname: str | None = Field(
        default=None, description="The name we say in EHLO; by default the domain of desk.address."
    )
    timeout: Duration = Field(
        default=timedelta(minutes=1), ge=SECOND, description="The longest wait for an answer of the relay."
    )
    connections: int = Field(
        default=3,
        ge=1,
        le=50,
        description="Letters that each worker process sends at once. Microsoft 365 takes three connections in all.",
    )
    path: Path = Field(default=Path("sent"), description="The Maildir for kind = maildir; relative to the data folder.")
    retry: tuple[Duration, ...] = Field(
        default=tuple(timedelta(minutes=m) for m in (1, 5, 15, 60)),
        min_length=1,
        description="Waits between tries of a letter; the last one repeats until it expires.",
    )
    expire: Duration = Field(
        default=timedelta(days=5), ge=SECOND, description="After this long a letter is given up and told of."
    )
