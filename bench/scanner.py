"""A virus scanner that finds nothing and takes its time: I/O that workers wait for, at no cost of CPU.

    python -m bench.scanner MILLISECONDS     prints its port, runs until it is ended

It speaks as much of clamd's protocol as maild does: INSTREAM, chunks, an answer [clamd(8)].
"""

from __future__ import annotations

import asyncio
import sys


async def _conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, wait: float) -> None:
    command = await reader.readuntil(b"\0")
    if b"INSTREAM" in command:
        while length := int.from_bytes(await reader.readexactly(4), "big"):
            await reader.readexactly(length)
        await asyncio.sleep(wait)
        writer.write(b"stream: OK\0")
    else:
        writer.write(b"PONG\0")
    await writer.drain()
    writer.close()


async def serve(wait: float) -> None:
    """Listen until the process is ended."""
    server = await asyncio.start_server(lambda r, w: _conversation(r, w, wait), "127.0.0.1", 0, limit=1 << 20)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]) / 1000))
