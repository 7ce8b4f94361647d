"""A connection to the relay that is greeted, encrypted and logged in, or a clear reason why not."""

from __future__ import annotations

import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from maild.app.ports import TokenSource
from maild.errors import NoToken
from maild.outbound.envelope import answer_line


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaySettings:
    """Where letters go. Nothing here is looked up or guessed."""

    host: str
    port: int = 587
    security: Literal["tls", "starttls", "none"] = "starttls"  # tls: from the first byte on (port 465)
    context: ssl.SSLContext | None = field(default=None, repr=False, compare=False)  # None: the system's CAs
    username: str = ""  # "": no login
    password: str = field(default="", repr=False)
    tokens: TokenSource | None = field(default=None, repr=False, compare=False)  # OAuth2, instead of the password
    hostname: str = "localhost"  # our name in EHLO; smtplib would ask the DNS for one
    timeout: float = 60.0  # seconds for the connection and for each answer
    final_timeout: float = 600.0  # seconds for the answer after the final dot (RFC 5321 §4.5.3.2.6)
    keep_idle: float = 30.0  # seconds; an idle connection that is older is made anew, not tried
    keep_letters: int = 100  # letters over one connection

    def __post_init__(self) -> None:
        """Refuse what would send a password in the clear or a broken EHLO; raises ValueError."""
        if self.security not in {"tls", "starttls", "none"}:
            raise ValueError(f"security is {self.security!r}: use tls, starttls or none")
        if self.username and self.security == "none" and not _is_loopback(self.host):
            raise ValueError("a password without TLS could be read by anybody: use starttls or tls")
        if not self.hostname.isascii() or not self.hostname.isprintable() or " " in self.hostname:
            raise ValueError(f"hostname is {self.hostname!r}: use a plain domain name")


class RelayTrouble(Exception):
    """The relay cannot be used now; the text is one line for people. Never the letter's fault."""

    def __init__(self, text: str) -> None:
        super().__init__(answer_line(text))


def connect(settings: RelaySettings) -> smtplib.SMTP:
    """Connect, greet, encrypt, log in.

    Raises RelayTrouble for anything that goes wrong, also for 5xx: a wrong password is our
    configuration's trouble, and must not make letters undeliverable.
    """
    where = f"relay {settings.host}:{settings.port}"
    try:
        smtp = _open(settings)
    except smtplib.SMTPResponseException as refusal:
        raise RelayTrouble(f"{where} greets with {_words(refusal)}") from refusal
    except ssl.SSLError as trouble:
        raise RelayTrouble(f"{where}: TLS failed: {trouble}") from trouble
    except (OSError, smtplib.SMTPException) as trouble:
        raise RelayTrouble(f"{where} cannot be reached: {trouble}") from trouble
    try:
        _greet(smtp, settings)
    except BaseException as trouble:
        smtp.close()
        match trouble:
            case smtplib.SMTPResponseException():
                raise RelayTrouble(f"{where} answers {_words(trouble)}") from trouble
            case ssl.SSLError():
                raise RelayTrouble(f"{where}: TLS failed: {trouble}") from trouble
            case OSError() | smtplib.SMTPException():
                raise RelayTrouble(f"{where}: {trouble}") from trouble
            case NoToken():
                raise RelayTrouble(f"{where}: {trouble}") from None
            case UnicodeError():
                # smtplib can send ASCII logins only. Its exception's text would hold the password.
                raise RelayTrouble(f"{where}: the login has characters that are not ASCII") from None
        raise
    return smtp


def probe(settings: RelaySettings) -> list[str]:
    """What is wrong with the way to the relay, one sentence each; [] when a letter could be handed over now.

    Connects and logs in as for a letter, and sends none.
    """
    try:
        smtp = connect(settings)
    except RelayTrouble as trouble:
        return [str(trouble)]
    say_goodbye(smtp)
    return []


def say_goodbye(smtp: smtplib.SMTP) -> None:
    """QUIT and close; the relay's answer does not matter any more."""
    try:
        smtp.docmd("QUIT")
    except (OSError, smtplib.SMTPException):
        pass
    finally:
        smtp.close()


def _open(settings: RelaySettings) -> smtplib.SMTP:
    if settings.security == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            settings.host,
            settings.port,
            local_hostname=settings.hostname,
            timeout=settings.timeout,
            context=_context(settings),
        )
    else:
        smtp = smtplib.SMTP(settings.host, settings.port, local_hostname=settings.hostname, timeout=settings.timeout)
    if smtp.sock is not None:
        # The final dot goes out apart from the body; without this it waits 40 ms for the body's ACK.
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return smtp


def _greet(smtp: smtplib.SMTP, settings: RelaySettings) -> None:
    smtp.ehlo_or_helo_if_needed()
    if settings.security == "starttls":
        # Raises when it is not offered: somebody in between may have cut it out of the EHLO answer.
        smtp.starttls(context=_context(settings))
        smtp.ehlo_or_helo_if_needed()  # RFC 3207 §4.2: forget what was said before TLS
    if settings.tokens is not None:
        _log_in_by_token(smtp, settings.username, settings.tokens)
    elif settings.username:
        smtp.login(settings.username, settings.password)


def _log_in_by_token(smtp: smtplib.SMTP, username: str, tokens: TokenSource) -> None:
    """XOAUTH2, which Gmail and Microsoft 365 both take. What they say to a bad token comes as a challenge, then 535."""
    token = tokens.token()

    def answer(challenge: bytes | None = None) -> str:
        return "" if challenge else f"user={username}\x01auth=Bearer {token}\x01\x01"

    try:
        smtp.auth("XOAUTH2", answer)
    except smtplib.SMTPAuthenticationError:
        tokens.refused(token)
        raise


def _context(settings: RelaySettings) -> ssl.SSLContext:
    return settings.context or _system_context()


@cache
def _system_context() -> ssl.SSLContext:
    """Verifies names and certificates; reading the CAs takes 20 ms, so only once."""
    return ssl.create_default_context()


def _is_loopback(host: str) -> bool:
    return host in {"localhost", "::1"} or host.startswith("127.")


def _words(refusal: smtplib.SMTPResponseException) -> str:
    error = refusal.smtp_error
    text = error.decode("utf-8", "replace") if isinstance(error, bytes) else error
    return f"{refusal.smtp_code} {text}"
