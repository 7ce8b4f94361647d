"""Bare aiosmtpd that throws every mail away: the floor that all results are held against.

python -m bench.bare     prints its port, runs until it is ended
"""

from __future__ import annotations

import asyncio

from aiosmtpd.smtp import SMTP, Envelope, Session


class Nothing:
    """A handler that keeps nothing."""

    async def handle_DATA(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Say yes."""
        return "250 OK"


async def serve() -> None:
    """Listen until the process is ended."""
    loop = asyncio.get_running_loop()
    handler = Nothing()
    server = await loop.create_server(lambda: SMTP(handler, hostname="bare.example", loop=loop), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
