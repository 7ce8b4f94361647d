"""The SMTP and LMTP door: listens, and stops without losing a mail.

Receiver (here)      one listening socket
smtp_settings        what it is told
smtp_limits          how much a stranger may ask
smtp_reception       what its connections share
smtp_connection      one connection: bytes in, answers out, deadlines, TLS
smtp_conversation    the commands on it
smtp_address         envelope addresses
smtp_mail            one mail from 354 to its answer
smtp_data            the dot, and where a mail ends
smtp_spool           a mail while it comes in
smtp_trace           Received lines
group_commit         from many mails to one durable commit
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

import structlog

from maild.clock import Clock
from maild.intake.group_commit import GroupCommit
from maild.intake.smtp_conversation import Conversation
from maild.intake.smtp_limits import Limits
from maild.intake.smtp_reception import Reception
from maild.intake.smtp_settings import Protocol, ReceiverSettings, Tls, read_listen

__all__ = ["Limits", "Protocol", "Receiver", "ReceiverSettings", "Tls"]

log = structlog.get_logger(__name__)

_BACKLOG = 512  # connections that wait to be answered while the loop is busy
_CLOSING = "421 4.3.2 closing down, please try again later"


class Receiver:
    """One listening socket; `start` and `stop` belong to one event loop.

    `accepts` says whether mail for an address (as written, or "postmaster" without a domain) is ours;
    it is called on the loop and must not block. The group commit is the caller's: close it after the
    last receiver has stopped.
    """

    def __init__(
        self, settings: ReceiverSettings, *, accepts: Callable[[str], bool], clock: Clock, commit: GroupCommit
    ) -> None:
        self._settings = settings
        self._accepts = accepts
        self._clock = clock
        self._commit = commit
        self._reception: Reception | None = None
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen. Raises OSError when the address cannot be had."""
        loop = asyncio.get_running_loop()
        reception = self._reception = Reception(self._settings, self._accepts, self._clock, self._commit)

        def converse() -> Conversation:
            return Conversation(reception, loop)

        place = read_listen(self._settings.listen)
        if isinstance(place, Path):
            self._server = await loop.create_unix_server(converse, str(place), backlog=_BACKLOG)
            place.chmod(self._settings.unix_mode)
        else:
            self._server = await loop.create_server(converse, *place, backlog=_BACKLOG)
        log.info("smtp.listening", address=self.address, protocol=self._settings.protocol.value)

    @property
    def address(self) -> tuple[str, int] | str:
        """Where it really listens: host and port (of the first socket), or the path of a Unix socket."""
        if self._server is None or not self._server.sockets:
            raise RuntimeError("the receiver does not listen")
        name = self._server.sockets[0].getsockname()
        return name if isinstance(name, str) else (str(name[0]), int(name[1]))

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return 0 if self._reception is None else len(self._reception.present)

    async def stop(self, grace: float) -> None:
        """Stop listening, give mails in hand `grace` seconds to get their answer, then close with 421.

        Whoever has no mail in hand is sent away at once. A mail that was handed to the group commit
        is stored in any case; without its answer the client sends it again.
        """
        if self._server is None or self._reception is None:
            return
        place = read_listen(self._settings.listen)
        self._server.close()
        if isinstance(place, Path):
            place.unlink(missing_ok=True)
        reception = self._reception
        reception.stopping = True
        for connection in list(reception.present):
            if not connection.busy:
                connection.dismiss(_CLOSING)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(reception.empty.wait(), grace)
        for connection in list(reception.present):
            connection.dismiss(_CLOSING, at_once=True)
        await reception.empty.wait()
        self._server = None
