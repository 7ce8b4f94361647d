"""One client's connection: bytes in, answers out, deadlines, TLS; the commands are in smtp_conversation.

It stands on aiosmtpd's `SMTP`, which keeps the transport, the change to TLS, the table of commands
and the envelope. Everything that reads from the client is our own, because as it comes (1.4.6,
measured in RELIABILITY §6.1) aiosmtpd takes an endless line into memory whatever the limit, accepts
commands that end with a bare LF, decodes encoded words in addresses, answers an exception with 500
and its text, has no limit on connections, recipients or the whole time, and stops the handler in the
middle of a commit when the client hangs up.

Rules: input is read in pieces and never more than asked for is kept. Answers go out when we would
wait for the client, so a pipelined group (RFC 2920) is answered in one packet. One lazy timer per
connection holds every deadline.
"""

from __future__ import annotations

import asyncio
import contextlib
from asyncio import sslproto
from typing import TYPE_CHECKING, Any, cast

import structlog
from aiosmtpd.smtp import SMTP

from maild.intake.smtp_settings import Protocol, Tls

if TYPE_CHECKING:
    from maild.intake.smtp_reception import Reception

log = structlog.get_logger(__name__)

_CHUNK = 32 * 1024  # bytes read at once
_LONGEST_COMMAND = 2048  # bytes; RFC 5321 §4.5.3.1.4 asks for 512, parameters need more


class Gone(Exception):
    """The client has closed or lost the connection."""


class _SmallTls(sslproto.SSLProtocol):
    """TLS with a buffer of 32 instead of 256 KiB: it is there for every handshake that stalls."""

    max_size = _CHUNK


class Connection(SMTP):
    """The server's side of one connection."""

    line_length_limit = _CHUNK // 2  # aiosmtpd makes it the reader's limit, which pauses at twice as much

    def __init__(self, reception: Reception, loop: asyncio.AbstractEventLoop) -> None:
        settings = reception.settings
        super().__init__(None, hostname=settings.hostname, tls_context=settings.tls_context, loop=loop)
        self.peer = ""  # the client's IP address; "" for a Unix socket
        self.client_name = ""  # what the client called itself in HELO, EHLO or LHLO; "" before
        self.extended = False  # with EHLO or LHLO
        self.busy = False  # a mail is in hand: between 354 and its answer
        self._reception = reception
        self._settings = settings
        self._limits = settings.limits
        self._input = bytearray()  # read from the client, not yet used
        self._answers: list[bytes] = []  # not yet sent
        self._refusal = ""  # why this client may not stay
        self._over = False  # the last answer was given
        self._session_end = self._deadline = float("inf")  # on the loop's clock

    @property
    def spoken(self) -> str:
        """What the Received line calls it (RFC 3848)."""
        if not self.extended:
            return "SMTP"
        kind = "LMTP" if self._settings.protocol is Protocol.LMTP else "ESMTP"
        return kind + ("S" if self._tls_protocol else "")

    # ------------------------------------------------------------------ beginning and end

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there; or the same one again, when its TLS handshake is done."""
        first = self.transport is None
        if first:
            with contextlib.suppress(AttributeError):  # uvloop has no such knob
                transport.max_size = _CHUNK  # type: ignore[attr-defined]
            peer = transport.get_extra_info("peername")
            self.peer = str(peer[0]) if isinstance(peer, tuple) else ""
            self._refusal = self._reception.enter(self)
        self.client_name = ""  # what was said in the clear is forgotten (RFC 3207 §4.2)
        super().connection_made(transport)
        if first and self._handler_coroutine is not None:
            # Not at the task's end: one that is cancelled before its first step runs no line of it.
            self._handler_coroutine.add_done_callback(lambda _: self._reception.leave(self))

    def eof_received(self) -> bool:
        """The client will send no more; it may still be waiting for the answer to what it sent.

        aiosmtpd cancels its handler here, so whether a mail was stored whose sender half-closes after
        the dot was a matter of luck (RELIABILITY F15).
        """
        self._reader.feed_eof()
        return self._tls_protocol is None  # a TLS connection cannot be half open

    async def _handle_client(self) -> None:
        """The whole conversation; aiosmtpd runs it as a task and cancels that when the client is gone."""
        try:
            if self._refusal:
                log.info("smtp.refused_connection", peer=self.peer, answer=self._refusal)
                await self.goodbye(self._refusal)
            else:
                if self._settings.tls is Tls.TLS:
                    await self._upgrade()
                await self.converse()
            await self._flush()
        except Gone as gone:
            log.debug("smtp.gone", peer=self.peer, reason=str(gone))
        except Exception:
            log.exception("smtp.conversation_failed", peer=self.peer)
        finally:
            if self.transport is not None:
                self.transport.close()

    async def converse(self) -> None:
        """Greet and obey until the last answer; the commands are another file's."""
        raise NotImplementedError

    def dismiss(self, farewell: str, *, at_once: bool = False) -> None:
        """End the connection from outside its conversation; `at_once` without a last word if need be."""
        self._over = True
        transport = cast("asyncio.Transport | None", self.transport)
        # One that is closing already has had its last word, and of TLS asyncio may have let go: nothing can be asked.
        if transport is not None and not transport.is_closing():
            if not transport.get_write_buffer_size():
                transport.write(b"\r\n".join((*self._answers, farewell.encode(), b"")))
                self._answers.clear()
            if not at_once and not transport.get_write_buffer_size():
                transport.close()
                return
        self._cut()

    def _cut(self) -> None:
        """End both the connection and its conversation now: the client does not read, or does not end TLS.

        From beneath TLS, which can always be aborted; and without waiting to be told of the loss, which
        asyncio does not do during a handshake.
        """
        beneath = self._original_transport or self.transport
        if beneath is not None:
            cast("asyncio.Transport", beneath).abort()
        if self._handler_coroutine is not None:
            self._handler_coroutine.cancel()

    # ------------------------------------------------------------------ deadlines

    def _reset_timeout(self, duration: float | None = None) -> None:  # noqa: ARG002 - aiosmtpd's signature
        """Set the timer up once: aiosmtpd's starts anew with each command, so NOOP lives for ever."""
        if self._timeout_handle is None:
            now = self.loop.time()
            self._session_end = now + self._limits.session_time
            self._deadline = min(now + self._limits.idle, self._session_end)
            self._timeout_handle = self.loop.call_at(self._deadline, self._timeout_cb)

    def allow_until(self, deadline: float) -> None:
        """Cut the connection at this moment of the loop's clock, or at the session's end before it."""
        self._deadline = min(deadline, self._session_end)
        timer = self._timeout_handle
        if timer is not None and self._deadline < timer.when():
            timer.cancel()
            self._timeout_handle = self.loop.call_at(self._deadline, self._timeout_cb)

    def allow_commit(self) -> None:
        """The disk takes as long as it takes; the client waits ten minutes (RFC 5321 §4.5.3.2.6)."""
        self._deadline = float("inf")

    def _timeout_cb(self) -> None:
        """The timer rang; mostly the deadline has moved on meanwhile, which costs no timer."""
        now = self.loop.time()
        if now < self._deadline:
            when = min(self._deadline, now + self._limits.idle)
            self._timeout_handle = self.loop.call_at(when, self._timeout_cb)
        else:
            log.info("smtp.timeout", peer=self.peer)
            self.dismiss("421 4.4.2 you took too long, goodbye")

    # ------------------------------------------------------------------ input and output

    async def read(self) -> bytes:
        """The next bytes, at least one, at most 32 KiB or so. Raises Gone."""
        if not self._input:
            await self._fill()
        chunk = bytes(self._input)
        self._input.clear()
        return chunk

    def unread(self, rest: bytes) -> None:
        """Give back what was read beyond the end of a mail: pipelined commands."""
        self._input += rest

    async def line(self) -> bytes | None:
        """One line up to its LF; None for one that is too long and was thrown away. Raises Gone."""
        too_long = False
        while (end := self._input.find(b"\n")) < 0:
            if len(self._input) > _LONGEST_COMMAND:
                too_long = True
                self._input.clear()
            await self._fill()
        line = bytes(self._input[: end + 1])
        del self._input[: end + 1]
        return None if too_long or len(line) > _LONGEST_COMMAND else line

    async def _fill(self) -> None:
        await self._flush()
        try:
            chunk = await self._reader.read(_CHUNK)
        except OSError as error:
            raise Gone(repr(error)) from error
        if not chunk:
            raise Gone("end of input")
        self._input += chunk

    async def push(self, status: str | bytes) -> None:
        """Answer; it is sent as soon as we would wait for the client."""
        self._answers.append(status if isinstance(status, bytes) else status.encode("ascii", "replace"))

    async def goodbye(self, status: str) -> None:
        """Give the last answer."""
        self._over = True
        await self.push(status)

    async def _flush(self) -> None:
        if not self._answers:
            return
        self._writer.write(b"\r\n".join((*self._answers, b"")))
        self._answers.clear()
        try:
            await self._writer.drain()
        except OSError as error:
            raise Gone(repr(error)) from error

    async def _upgrade(self) -> None:
        """Speak TLS from here on. Raises Gone when the handshake fails.

        Like aiosmtpd's `smtp_STARTTLS`, but with a deadline and a small buffer, and also for TLS from
        the first byte: so a handshake that stalls is already counted among the connections.
        """
        await self._flush()
        if self.transport is None or self.tls_context is None:
            raise Gone("before TLS")
        waiter: asyncio.Future[None] = self.loop.create_future()
        self._tls_protocol = _SmallTls(
            self.loop,
            self,
            self.tls_context,
            waiter,
            server_side=True,
            ssl_handshake_timeout=cast("int", self._limits.tls_handshake),
        )
        self._original_transport = self.transport
        cast("asyncio.Transport", self._original_transport).set_protocol(self._tls_protocol)
        self.transport = cast("Any", self._tls_protocol)._app_transport  # noqa: SLF001 - as aiosmtpd does
        self._tls_protocol.connection_made(self._original_transport)
        try:
            await waiter
        except OSError as error:  # ssl.SSLError, a reset, the deadline
            raise Gone(repr(error)) from error
        # What came in the clear behind STARTTLS may be an attacker's (RFC 3207 §4.2, CVE-2024-34083):
        # aiosmtpd's connection_made has cleared the reader and the session, this is our part of it.
        self._input.clear()
