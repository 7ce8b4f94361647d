"""One mail from 354 to its answer: read, bounded in bytes and time, then made durable."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from maild.app.arrival import Arrival, Door
from maild.intake.smtp_connection import Connection, Gone
from maild.intake.smtp_data import DotStream
from maild.intake.smtp_settings import Protocol
from maild.intake.smtp_spool import Spool
from maild.intake.smtp_trace import MOST_HOPS, count_hops, received_line

if TYPE_CHECKING:
    from maild.intake.smtp_reception import Reception

log = structlog.get_logger(__name__)

_TRY_LATER = "451 4.3.0 temporary trouble here, please try again later"


class Cut(Exception):
    """The mail's end was not reached and will not be waited for: answer this and close."""


async def take_mail(connection: Connection, reception: Reception, sender: str, recipients: tuple[str, ...]) -> str:
    """Read one mail and store it; returns the answer, 250 only when it is durable.

    Raises Cut, and Gone when the connection ends before the mail does. Trouble of our own is always
    temporary: after a permanent answer the sender throws a customer's mail away because our database
    is down. No answer tells what the trouble is.
    """
    limits = reception.settings.limits
    spool = Spool(reception.settings.folder, limits.message_size)
    handed_over = None
    try:
        await _read_to_the_dot(connection, reception, spool)
        connection.allow_commit()
        if spool.too_large:
            return f"552 5.3.4 larger than {limits.message_size} bytes"
        if spool.trouble:
            log.error("smtp.spool_failed", peer=connection.peer, reason=repr(spool.trouble))
            return "452 4.3.1 cannot keep the mail at the moment, please try again later"
        hops = count_hops(spool.first_bytes())
        if hops >= MOST_HOPS:
            log.warning("smtp.loop", peer=connection.peer, hops=hops)
            return f"554 5.4.6 routing loop: {hops} Received lines"
        handed_over = _hand_over(connection, reception, spool, sender, recipients)
        await handed_over
    except (Cut, Gone):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the mail is not stored: temporary
        # The group commit has logged the trouble with its trace.
        log.warning("smtp.not_stored", peer=connection.peer, reason=type(error).__name__)
        return _TRY_LATER
    finally:
        if handed_over is None:  # else its file belongs to the commit
            spool.close()
    log.debug("smtp.accepted", peer=connection.peer)
    return "250 2.0.0 accepted"


async def _read_to_the_dot(connection: Connection, reception: Reception, spool: Spool) -> None:
    try:
        await _read(connection, reception, spool)
    except (Cut, Gone):
        raise
    except Exception as error:
        # Where the mail ends is unknown now: what follows must not be read as commands.
        log.exception("smtp.reading_failed", peer=connection.peer)
        raise Cut("421 4.3.0 temporary trouble here, please try again later") from error


async def _read(connection: Connection, reception: Reception, spool: Spool) -> None:
    """Fill the spool up to the final dot; what is pipelined behind it goes back to the connection."""
    limits = reception.settings.limits
    clock = asyncio.get_running_loop().time
    begin = clock()
    received = 0  # on the wire, so that a mail of stuffed dots is bounded too
    stream = DotStream()
    rest = None
    while rest is None:
        # The next bytes must come within the idle time, the whole within the data time, and after
        # the grace never slower than the least rate: a byte a minute would hold a place for ever.
        connection.allow_until(
            min(
                clock() + limits.idle,
                begin + limits.data_time,
                begin + max(limits.data_grace, received / limits.data_rate),
            )
        )
        chunk = await connection.read()
        received += len(chunk)
        content, rest = stream.feed(chunk)
        await spool.add(content)
        if rest is None and received > 2 * limits.message_size:
            # Up to here we read on, so that the client gets a 552 that it understands.
            raise Cut("421 4.3.4 far too large, goodbye")
    connection.unread(rest)


def _hand_over(
    connection: Connection, reception: Reception, spool: Spool, sender: str, recipients: tuple[str, ...]
) -> asyncio.Future[None]:
    """From here on the mail goes its way, whatever becomes of the client and of this task."""
    settings = reception.settings
    now = reception.clock()
    trace = received_line(
        helo=connection.client_name,
        ip=connection.peer,
        hostname=settings.hostname,
        protocol=connection.spoken,
        recipients=recipients,
        now=now,
    )
    door = Door.LMTP if settings.protocol is Protocol.LMTP else Door.SMTP

    def load() -> Arrival:
        return Arrival(
            door=door,
            raw=spool.read(trace),
            received_at=now,
            envelope_from=sender,
            envelope_to=recipients,
        )

    return reception.commit.submit_from_loop(load, spool.size)
