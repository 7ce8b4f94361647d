"""The child: `python -m maild.confined tnef` reads a package from stdin and writes what it holds to stdout.

It limits itself before it reads anything. Started by `maild.confined.opening`, never by people.
"""

from __future__ import annotations

import resource
import sys

from maild.confined.framing import pack
from maild.mail.tnef import read_tnef

MEMORY = 512 * 1024 * 1024  # bytes of address space (MAIL.md §7)
SECONDS = 5  # of processor time (MAIL.md §7)
OUTPUT = 256 * 1024 * 1024  # bytes
FILES_OPEN = 16
READERS = {"tnef": read_tnef}


def main(arguments: list[str]) -> int:
    """The exit code: 0 with an answer on stdout, anything else without."""
    reader = READERS.get(arguments[0]) if len(arguments) == 1 else None
    if reader is None:
        sys.stderr.write(f"usage: python -m maild.confined {'|'.join(READERS)}\n")
        return 64
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, OUTPUT),
        (resource.RLIMIT_NOFILE, FILES_OPEN),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(limit)[1]
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (allowed, allowed))
    for piece in pack(reader(sys.stdin.buffer.read())):
        sys.stdout.buffer.write(piece)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
