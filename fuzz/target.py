"""What is fuzzed: one reader, what must hold for it whatever the bytes, and where the mutations begin."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


class Breach(AssertionError):
    """Something that must hold did not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """`check` reads the bytes and raises Breach, or whatever the reader raised, when the case is a finding."""

    name: str
    check: Callable[[bytes], None]
    seeds: Callable[[], Sequence[bytes]]
    words: Sequence[bytes] = ()  # what its grammar is made of
    largest: int = 128 * 1024  # bytes of a case
    seconds: float = 0.1  # of CPU that a case may take, whatever its size ...
    seconds_per_mib: float = 4.0  # ... and for each MiB beyond: what is linear stays far below
    memory: int = 48 << 20  # bytes that a case may take beyond what any before it took, whatever its size


def hold(fact: object, what: str) -> None:
    """Raise Breach with the sentence unless it holds."""
    if not fact:
        raise Breach(what)


def one_line(what: str, values: Iterable[str]) -> None:
    """Whatever goes into a header, a log or a subject holds no line break of any sort, and no NUL."""
    for value in values:
        hold(len(value.splitlines()) <= 1 and "\0" not in value, f"{what} is more than one line: {value[:200]!r}")


def storable(what: str, values: Iterable[str]) -> None:
    """A database takes it: no NUL, no lone surrogate."""
    for value in values:
        hold("\0" not in value, f"{what} holds NUL")
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise Breach(f"{what} holds what UTF-8 cannot: {value[:200]!r}") from error


def words_of(data: bytes) -> str:
    """The case as the text that a reader gets behind the parser: no NUL, no surrogate."""
    return data.decode("utf-8", "replace").replace("\0", "")
