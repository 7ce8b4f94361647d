"""Saying what is wrong with a mailbox: in words for people, into the log and `maild status`."""

from __future__ import annotations

import imaplib
import socket
import ssl

import structlog

from maild.app.ports import Mailboxes
from maild.clock import Clock
from maild.intake.imap_connect import LoginRefused
from maild.intake.imap_settings import MailboxSettings


def sentence(error: BaseException, settings: MailboxSettings) -> str:
    """One line that an administrator understands; never holds the password."""
    where = f"{settings.host}:{settings.port}"
    match error:
        case LoginRefused():
            return f"{where} refused the login of {settings.username}: {error}"
        case ssl.SSLCertVerificationError():
            return f"the certificate of {where} is not trusted: {error.verify_message}"
        case ssl.SSLError():
            return f"no encrypted connection to {where} ({error.reason or error}); is `security` right?"
        case socket.gaierror():
            return f"the host name {settings.host} is not known ({error.strerror})"
        case ConnectionRefusedError():
            return f"nobody listens on {where}"
        case TimeoutError():
            return f"{where} does not answer in time"
        case OSError():
            return f"the connection to {where} failed: {error.strerror or error}"
        case imaplib.IMAP4.abort():
            return f"{where} broke the connection off: {error}"
        case imaplib.IMAP4.error():
            return f"{where} answered: {error}"
    return f"{type(error).__name__}: {error}"


class Reporter:
    """Tells the log and the database about one mailbox."""

    def __init__(self, mailboxes: Mailboxes, name: str, clock: Clock) -> None:
        self.log = structlog.stdlib.get_logger().bind(mailbox=name)
        self._mailboxes = mailboxes
        self._name = name
        self._clock = clock

    def alarm(self, key: str, text: str, **facts: object) -> None:
        """Something that a person must look at: mail may be missing."""
        self.log.error(key, text=text, **facts)
        self._mailboxes.note_trouble(self._name, self._clock(), text)

    def trouble(self, key: str, text: str, **facts: object) -> None:
        """Something that will be tried again."""
        self.log.warning(key, text=text, **facts)
        self._mailboxes.note_trouble(self._name, self._clock(), text)
