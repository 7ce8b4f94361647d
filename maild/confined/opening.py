"""Starts the child and takes its answer: the port `PackageOpener`."""

from __future__ import annotations

import subprocess
import sys
import tempfile

from maild.confined.framing import unpack
from maild.errors import Permanent
from maild.mail.packages import Package

SECONDS = 10  # until the child is killed: twice the processor time that it allows itself


def open_package(data: bytes) -> Package:
    """What a package holds; takes about 0.1 s for the child to start.

    Raises Permanent when the child failed, ran out of time or memory, or answered nonsense; OSError
    when it could not be started, which may be better later.
    """
    with tempfile.TemporaryFile() as answer:  # a file, because its size can be limited; a pipe would fill memory
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-X", "utf8", "-m", "maild.confined", "tnef"],
                input=data,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                env={},  # no secrets
                cwd="/",
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Permanent(f"it took longer than {SECONDS} s") from None
        if done.returncode:
            raise Permanent(f"its reader ended with {done.returncode}")
        answer.seek(0)
        try:
            return unpack(answer.read())
        except (ValueError, KeyError, TypeError) as error:
            raise Permanent(f"its reader answered nonsense: {error}") from None
