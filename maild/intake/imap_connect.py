"""Opening a connection to an IMAP server that can neither hang nor fill the memory."""

from __future__ import annotations

import imaplib
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import LoginError

from maild.errors import NoToken
from maild.intake.imap_settings import MIB, MailboxSettings, one_line

# TEMPORARY trouble of the server that LOGIN answers with NO (RFC 5530 §3): no reason to go slow.
NOT_THE_PASSWORD = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN)\]", re.IGNORECASE)
ATOM = re.compile(r'[^\s"\\(){%*\]]+')


class LoginRefused(Exception):
    """The server does not accept the name and the password; the text is its answer."""


class NoEncryption(Exception):
    """STARTTLS is wanted and the server has none: the password must not be sent."""


@contextmanager
def connection(settings: MailboxSettings) -> Iterator[IMAPClient]:
    """A logged-in client. It is cut off at the end, without LOGOUT.

    After any error the protocol's state is unknown and a goodbye may hang on a dead link.
    Raises OSError, ssl.SSLError, imaplib.IMAP4.error, LoginRefused or NoEncryption.
    """
    client = _open(settings)
    try:
        _login(client, settings)
        yield client
    finally:
        _close(client)


def interrupt(client: IMAPClient) -> None:
    """Make whatever another thread is doing with this client fail at once, even if it hangs."""
    with suppress(OSError):
        client.socket().shutdown(socket.SHUT_RDWR)  # wakes a thread that reads, which close() would not


def _close(client: IMAPClient) -> None:
    with suppress(Exception):  # it is thrown away, whatever it has to say
        client.shutdown()


def _open(settings: MailboxSettings) -> IMAPClient:
    client = IMAPClient(
        settings.host,
        settings.port,
        ssl=settings.security == "tls",
        ssl_context=settings.ssl_context,
        timeout=SocketTimeout(connect=settings.connect_seconds, read=settings.read_seconds),
    )
    try:
        client.normalise_times = False  # else INTERNALDATE comes naive, in the machine's own zone
        imap = client._imap  # noqa: SLF001 - imapclient hands out neither of the two
        imap.debug = 0  # else it makes a log text of every literal, even when nobody reads it
        _limit_literals(imap, 2 * settings.largest + MIB)
        if settings.security == "starttls":
            _start_tls(client, settings)
        _keep_alive(client.socket())
    except BaseException:
        _close(client)
        raise
    return client


def _start_tls(client: IMAPClient, settings: MailboxSettings) -> None:
    if not client.has_capability("STARTTLS"):
        raise NoEncryption(f"{settings.host} does not offer STARTTLS")
    client.starttls(settings.ssl_context)


def _limit_literals(imap: imaplib.IMAP4, most: int) -> None:
    """Refuse a literal that is bigger than any mail we asked for: imaplib believes 100 GB."""
    read = imap.read

    def limited(size: int) -> bytes:
        if size > most:
            raise imaplib.IMAP4.abort(f"the server announced {size} bytes where {most} are the limit")
        return read(size)

    imap.read = limited  # type: ignore[method-assign] # `read` may be overridden, says imaplib


def _keep_alive(sock: socket.socket) -> None:
    """Let the kernel find a link that died in silence, so that nothing but a read timeout is needed."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4)):
        if hasattr(socket, option):  # names differ between systems
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


def _login(client: IMAPClient, settings: MailboxSettings) -> None:
    tokens = settings.tokens
    try:
        secret = tokens.token() if tokens else settings.password()
    except NoToken as error:
        raise LoginRefused(str(error)) from None
    password = one_line(secret, "the password")
    try:
        if tokens:
            client.oauth2_login(settings.username, password)  # XOAUTH2
        elif client.has_capability("AUTH=PLAIN"):
            client.plain_login(settings.username, password)  # takes any characters (RFC 4616)
        else:
            client.login(_astring(settings.username), password)
    except LoginError as error:
        # imapclient calls a connection that broke in the middle of a login a LoginError as well.
        cause = error.__context__
        if isinstance(cause, imaplib.IMAP4.abort):
            raise cause from None
        answer = _text(cause or error)
        if NOT_THE_PASSWORD.search(answer):
            raise imaplib.IMAP4.error(answer) from None
        if tokens:
            tokens.refused(secret)
        raise LoginRefused(answer) from None


def _text(error: BaseException) -> str:
    """The server's words: imaplib passes them on as bytes, of which str() makes "b'...'"."""
    words = error.args[0] if error.args else ""
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)


def _astring(word: str) -> str:
    """A user name as RFC 3501 wants it: imaplib quotes the password only."""
    if ATOM.fullmatch(word):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
