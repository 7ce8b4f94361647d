"""The commands of SMTP (RFC 5321) and LMTP (RFC 2033), and what we answer to each.

250 after DATA comes after the commit and from nothing else. Errors of the client's are counted, those
of ours are temporary and say nothing about their cause.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import structlog

from maild.intake.smtp_address import BadPath, read_forward_path, read_parameters, read_reverse_path
from maild.intake.smtp_connection import Connection, Gone
from maild.intake.smtp_mail import Cut, take_mail
from maild.intake.smtp_settings import Protocol, Tls

if TYPE_CHECKING:
    from maild.intake.smtp_reception import Reception

log = structlog.get_logger(__name__)

_PRINTABLE_LINE = re.compile(rb"[ -~]*\r\n")
_BEFORE_TLS = frozenset({"NOOP", "EHLO", "LHLO", "STARTTLS", "QUIT"})  # RFC 3207 §4
_FOR_A_MAIL = frozenset({"MAIL", "RCPT", "DATA", "QUIT"})  # bounded by their own limits


class Conversation(Connection):
    """What is said on one connection."""

    def __init__(self, reception: Reception, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(reception, loop)
        self._sender: str | None = None  # of the mail that was begun; "" is the null reverse-path
        self._recipients: list[str] = []
        self._errors = self._commands = self._messages = 0
        lmtp = self._settings.protocol is Protocol.LMTP
        for name in ("AUTH", "HELO", "EHLO") if lmtp else ("AUTH", "LHLO"):
            del self._smtp_methods[name]  # RFC 2033 §4.1; nobody logs in here, so AUTH is not offered

    async def converse(self) -> None:
        """Greet and obey, until the last answer. Raises Gone."""
        kind = "LMTP" if self._settings.protocol is Protocol.LMTP else "ESMTP"
        await self.push(f"220 {self.hostname} {kind} maild")
        while not self._over:
            if self._reception.stopping:
                await self.goodbye("421 4.3.2 closing down, please try again later")
                return
            self.allow_until(self.loop.time() + self._limits.idle)
            line = await self.line()
            if line is None:
                await self.refuse("500 5.5.6 command line too long")
            else:
                await self._obey(line)

    async def _obey(self, line: bytes) -> None:
        """Run one command line."""
        if not _PRINTABLE_LINE.fullmatch(line):
            # With a bare LF, or a CR or NUL inside the line, the mail system before us saw other
            # commands than we would (RFC 5321 §2.3.8). 8-bit bytes need SMTPUTF8, which is off.
            await self.refuse("500 5.5.2 a command is printable ASCII and ends with CRLF")
            return
        name, _, argument = line[:-2].decode("ascii").partition(" ")
        name = name.upper()
        if name not in _FOR_A_MAIL:
            self._commands += 1
            if self._commands > self._limits.commands:
                await self.goodbye("421 4.7.0 too many commands without a mail, goodbye")
                return
        method: Callable[[str], Awaitable[None]] | None = self._smtp_methods.get(name)
        if method is None:
            await self.refuse("500 5.5.1 command not recognized")
        elif self._settings.require_tls and not self._tls_protocol and name not in _BEFORE_TLS:
            await self.refuse("530 5.7.0 must issue a STARTTLS command first")
        else:
            try:
                await method(argument.strip(" "))
            except Gone:
                raise
            except Exception:
                log.exception("smtp.command_failed", peer=self.peer, command=name)
                await self.push("451 4.3.0 temporary trouble here, please try again later")

    async def refuse(self, status: str) -> None:
        """Answer an error of the client's; too many of them end the connection."""
        self._errors += 1
        if self._errors > self._limits.errors:
            await self.goodbye("421 4.7.0 too many errors, goodbye")
        else:
            await self.push(status)

    async def smtp_HELO(self, arg: str) -> None:  # noqa: N802 - aiosmtpd finds commands by their name
        """RFC 5321 §4.1.1.1."""
        if await self._introduced(arg, extended=False):
            await self.push(f"250 {self.hostname}")

    async def smtp_EHLO(self, arg: str) -> None:  # noqa: N802
        """RFC 5321 §4.1.1.1; SIZE (1870), 8BITMIME (6152), PIPELINING (2920), STARTTLS (3207), codes (2034)."""
        if not await self._introduced(arg, extended=True):
            return
        offers = [self.hostname, f"SIZE {self._limits.message_size}", "8BITMIME", "PIPELINING"]
        if self._settings.tls is Tls.STARTTLS and not self._tls_protocol:
            offers.append("STARTTLS")
        for offer in offers:
            await self.push(f"250-{offer}")
        await self.push("250 ENHANCEDSTATUSCODES")

    async def smtp_LHLO(self, arg: str) -> None:  # noqa: N802
        """RFC 2033 §4.1."""
        await self.smtp_EHLO(arg)

    def _set_rset_state(self) -> None:
        """Forget the mail that was begun; aiosmtpd also calls it when TLS begins."""
        self._sender = None
        self._recipients = []

    async def _introduced(self, name: str, *, extended: bool) -> bool:
        if not name or " " in name or len(name) > 255:
            await self.refuse("501 5.5.4 give your host name")
            return False
        self._set_rset_state()
        self.client_name = name
        self.extended = extended
        return True

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802
        """RFC 5321 §4.1.1.2."""
        if not self.client_name:
            await self.refuse("503 5.5.1 say hello first")
            return
        if self._sender is not None:
            await self.refuse("503 5.5.1 one mail at a time")
            return
        if self._messages >= self._limits.messages:
            await self.goodbye("421 4.7.0 enough mails on one connection, please connect again")
            return
        try:
            sender, parameters = read_reverse_path(arg)
            fits = await self._fits(read_parameters(parameters))
        except BadPath as error:
            await self.refuse(f"501 5.1.7 {error}")
            return
        if fits:
            self._sender = sender
            await self.push("250 2.1.0 OK")

    async def _fits(self, parameters: dict[str, str | None]) -> bool:
        """Whether a mail with these parameters can be taken now; refuses it otherwise."""
        size = parameters.pop("SIZE", "0") or ""
        body = parameters.pop("BODY", "7BIT") or ""
        if parameters:
            await self.refuse("555 5.5.4 parameter not recognized")
        elif not size.isdigit() or len(size) > 20 or body.upper() not in ("7BIT", "8BITMIME"):
            await self.refuse("501 5.5.4 malformed parameter")
        elif int(size) > self._limits.message_size:
            await self.refuse(f"552 5.3.4 larger than {self._limits.message_size} bytes")  # RFC 1870 §6.1
        elif not self._reception.disk.has(self._limits.min_free_disk + int(size)):
            log.error("smtp.disk_low", folder=str(self._settings.folder))
            await self.push("452 4.3.1 not enough disk space at the moment, please try again later")
        else:
            return True
        return False

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802
        """RFC 5321 §4.1.1.3."""
        if self._sender is None:
            await self.refuse("503 5.5.1 send MAIL first")
            return
        if len(self._recipients) >= self._limits.recipients:
            # Not counted as an error: a large mail system sends the rest with a second mail.
            await self.push("452 4.5.3 too many recipients, send the rest with another mail")
            return
        try:
            recipient, parameters = read_forward_path(arg)
            unknown = read_parameters(parameters)
        except BadPath as error:
            await self.refuse(f"501 5.1.3 {error}")
            return
        if unknown:
            await self.refuse("555 5.5.4 parameter not recognized")
        elif not self._reception.accepts(recipient):
            await self.refuse("550 5.1.1 no such address here; please check how it is spelt")
        else:
            self._recipients.append(recipient)
            await self.push("250 2.1.5 OK")

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """RFC 5321 §4.1.1.4; for LMTP one answer per recipient (RFC 2033 §4.2)."""
        if arg:
            await self.refuse("501 5.5.4 DATA stands alone")
            return
        if not self._recipients:
            await self.refuse("503 5.5.1 no valid recipients")
            return
        await self.push("354 end with <CRLF>.<CRLF>")
        recipients = tuple(self._recipients)
        self.busy = True
        try:
            answer = await take_mail(self, self._reception, self._sender or "", recipients)
        except Cut as cut:
            await self.goodbye(str(cut))
            return
        finally:
            self.busy = False
        self._set_rset_state()
        if answer.startswith("250"):
            self._messages += 1
            self._commands = 0
        for _ in recipients if self._settings.protocol is Protocol.LMTP else recipients[:1]:
            await self.push(answer)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802
        """RFC 3207."""
        if arg:
            await self.refuse("501 5.5.4 STARTTLS stands alone")
        elif self._settings.tls is not Tls.STARTTLS or self._tls_protocol:
            await self.refuse("503 5.5.1 TLS cannot be started here")
        else:
            await self.push("220 2.0.0 ready to start TLS")
            await self._upgrade()

    async def smtp_RSET(self, arg: str) -> None:  # noqa: N802
        """RFC 5321 §4.1.1.5."""
        if arg:
            await self.refuse("501 5.5.4 RSET stands alone")
        else:
            self._set_rset_state()
            await self.push("250 2.0.0 OK")

    async def smtp_NOOP(self, arg: str) -> None:  # noqa: N802, ARG002
        """RFC 5321 §4.1.1.9."""
        await self.push("250 2.0.0 OK")

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802, ARG002
        """RFC 5321 §4.1.1.10."""
        await self.goodbye("221 2.0.0 goodbye")

    async def smtp_VRFY(self, arg: str) -> None:  # noqa: N802, ARG002
        """Tells nothing to those who collect addresses (RFC 5321 §7.3)."""
        await self.push("252 2.1.5 cannot tell; send a mail and see")

    async def smtp_EXPN(self, arg: str) -> None:  # noqa: N802, ARG002
        """Not implemented, which RFC 5321 §7.3 allows."""
        await self.refuse("502 5.5.1 not implemented")

    async def smtp_HELP(self, arg: str) -> None:  # noqa: N802, ARG002
        """Does not list what this server can do."""
        await self.push("214 2.0.0 see RFC 5321")
