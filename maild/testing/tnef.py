"""Builds winmail.dat files as Outlook would send them (MS-OXTNEF)."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

TNEF = b"\x78\x9f\x3e\x22\x01\x00"
LONG_NAME, CONTENT_ID, DATA, METHOD, FLAGS, MIME_TYPE = 0x3707, 0x3712, 0x3701, 0x3705, 0x3714, 0x370E
BODY, RTF, HTML, SUBJECT = 0x1000, 0x1009, 0x1013, 0x0037

Value = int | str | bytes


def attribute(kind: int, data: bytes, *, level: int = 1) -> bytes:
    """One attribute with its checksum."""
    return struct.pack("<BII", level, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def properties(values: Mapping[int, Value]) -> bytes:
    """A list of MAPI properties, a named one that nobody knows before them."""
    named = struct.pack("<HHIHH", 0x001F, 0x8001, 0, 0, 0) + bytes(8) + struct.pack("<II", 1, 6) + b"a\0b\0\0\0\0\0"
    out = struct.pack("<I", len(values) + 1) + named + _long("x".encode("utf-16-le"))
    for name, value in values.items():
        if isinstance(value, int):
            out += struct.pack("<HHI", 0x0003, name, value)
        elif isinstance(value, str):
            out += struct.pack("<HH", 0x001F, name) + _long(value.encode("utf-16-le") + b"\0\0")
        else:
            out += struct.pack("<HH", 0x0102, name) + _long(value)
    return out


def _long(value: bytes) -> bytes:
    return struct.pack("<II", 1, len(value)) + value + bytes(-len(value) % 4)


def file(data: bytes, *, title: bytes = b"A~1.DAT", values: Mapping[int, Value] | None = None) -> bytes:
    """The attributes of one file."""
    return (
        attribute(0x00069002, bytes(14), level=2)
        + attribute(0x00018010, title + b"\0", level=2)
        + (attribute(0x0006800F, data, level=2) if data else b"")
        + attribute(0x00069005, properties(values or {}), level=2)
    )


def tnef(values: Mapping[int, Value] | None = None, files: Sequence[bytes] = (), *, body: bytes = b"") -> bytes:
    """A whole stream: properties of the message, then files made by `file`."""
    return (
        TNEF
        + attribute(0x00089006, struct.pack("<I", 0x00010000))
        + attribute(0x00069007, struct.pack("<II", 1252, 0))
        + (attribute(0x0002800C, body + b"\0") if body else b"")
        + attribute(0x00069003, properties(values or {}))
        + b"".join(files)
    )
