"""Reads lists of MAPI properties as TNEF holds them (MS-OXTNEF 2.1.3.3, types in MS-OXCDATA 2.11.1)."""

from __future__ import annotations

import struct

PROPERTIES_LIMIT = 10_000
VALUES_LIMIT = 100_000

_MANY = 0x1000  # flag of a property with several values
_OBJECT, _STRING8, _UNICODE, _BINARY = 0x000D, 0x001E, 0x001F, 0x0102
_LONG = frozenset({_OBJECT, _STRING8, _UNICODE, _BINARY})
# Bytes of a value of fixed size; the small ones fill four.
_SIZES = {
    0x0001: 0, 0x0002: 4, 0x0003: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000A: 4, 0x000B: 4, 0x0014: 8,
    0x0040: 8, 0x0048: 16,
}  # fmt: skip

Properties = dict[int, bytes | str]  # by id; text of the Unicode type is decoded, all else are bytes


class Truncated(ValueError):
    """The data ends, or says nonsense, before the last property; what was read so far is in `found`."""

    def __init__(self, found: Properties) -> None:
        """`found`: the properties before the break."""
        super().__init__("a list of properties is cut or damaged")
        self.found = found


def read_properties(data: memoryview) -> Properties:
    """The properties by id; of several values the first. Named ones (id from 0x8000) are stepped over.

    Linear; raises Truncated.
    """
    found: Properties = {}
    try:
        (count,) = struct.unpack_from("<I", data, 0)
        at, values = 4, 0
        for _ in range(min(count, PROPERTIES_LIMIT)):
            kind, name = struct.unpack_from("<HH", data, at)
            at += 4
            if name >= 0x8000:
                at = _after_name(data, at)
            base = kind & ~_MANY
            number = 1
            if base in _LONG or kind & _MANY:
                (number,) = struct.unpack_from("<I", data, at)
                at += 4
            values += number
            if values > VALUES_LIMIT:
                raise Truncated(found)
            for index in range(number):
                size = _SIZES.get(base, -1)
                if base in _LONG:
                    (size,) = struct.unpack_from("<I", data, at)
                    at += 4
                if size < 0 or at + size > len(data):
                    raise Truncated(found)
                if not index and name < 0x8000:
                    value = bytes(data[at : at + size])
                    found.setdefault(name, _text(value) if base == _UNICODE else value)
                at += size + (-size % 4)
    except struct.error:
        raise Truncated(found) from None
    return found


def _after_name(data: memoryview, at: int) -> int:
    """Where a named property goes on: its name is a GUID with a number, or with text."""
    (kind,) = struct.unpack_from("<I", data, at + 16)
    (number,) = struct.unpack_from("<I", data, at + 20)
    return at + 24 + (int(number) + (-int(number) % 4) if kind == 1 else 0)


def _text(value: bytes) -> str:
    return value.decode("utf-16-le", "replace").partition("\0")[0]
