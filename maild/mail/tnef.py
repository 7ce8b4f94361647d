"""Reads TNEF, the winmail.dat in which Outlook packs a mail's text and files (MS-OXTNEF).

One pass over attributes; nothing is copied but what is given out. Meant for a child process all the
same (maild/confined): the format is old, binary and sent by strangers.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from maild.mail.charsets import clean, codec_for, decode
from maild.mail.html import CONTENT_ID_REFERENCE
from maild.mail.mapi import Properties, Truncated, read_properties
from maild.mail.packages import TNEF_SIGNATURE, Package, PackedFile
from maild.mail.rtf import rtf_text, unpacked_rtf

ATTRIBUTES_LIMIT = 20_000
FILES_LIMIT = 1_000
DEPTH_LIMIT = 5  # mails attached to mails

_OEM_CODEPAGE, _SUBJECT, _BODY, _MESSAGE_PROPERTIES = 0x00069007, 0x00018004, 0x0002800C, 0x00069003
_FILE_BEGINS, _FILE_TITLE, _FILE_DATA, _FILE_PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
_PR_SUBJECT, _PR_BODY, _PR_RTF, _PR_HTML, _PR_CODEPAGE = 0x0037, 0x1000, 0x1009, 0x1013, 0x3FDE
_PR_NAME, _PR_DATA, _PR_FILE_NAME, _PR_METHOD, _PR_LONG_NAME = 0x3001, 0x3701, 0x3704, 0x3705, 0x3707
_PR_TYPE, _PR_CONTENT_ID, _PR_FLAGS = 0x370E, 0x3712, 0x3714
_EMBEDDED_MAIL = 5  # PR_ATTACH_METHOD (MS-OXCMSG 2.2.2.9)
_SHOWN_IN_HTML = 4  # PR_ATTACH_FLAGS (MS-OXCMSG 2.2.2.18)
_GUID = 16  # an object begins with the id of its interface


@dataclass(slots=True)
class _File:
    """A file while its attributes come in."""

    title: bytes = b""
    data: memoryview = field(default_factory=lambda: memoryview(b""))
    properties: Properties = field(default_factory=dict)


@dataclass(slots=True)
class _Message:
    """A message while its attributes come in."""

    codec: str = "cp1252"
    subject: bytes = b""
    body: bytes = b""
    properties: Properties = field(default_factory=dict)
    files: list[_File] = field(default_factory=list)


def is_tnef(data: bytes) -> bool:
    """Whether data begins as TNEF does, whatever its type says."""
    return data[:4] == TNEF_SIGNATURE


def read_tnef(data: bytes) -> Package:
    """The text and the files of a TNEF stream. Never raises; linear; what is broken is said in `defects`.

    A mail attached to it gives its text as a file of its own, and its files.
    """
    if not is_tnef(data):
        return Package(defects=("it is not TNEF",))
    defects: dict[str, None] = {}
    message = _read_message(memoryview(data), defects)
    text, html = _text(message)
    files = tuple(_files(message, html, defects, DEPTH_LIMIT))
    if len(files) > FILES_LIMIT:
        defects[f"more than {FILES_LIMIT} files; the rest of them was not read"] = None
    return Package(text=text, html=html, files=files[:FILES_LIMIT], defects=tuple(defects))


def _read_message(data: memoryview, defects: dict[str, None]) -> _Message:
    message = _Message()
    file = _File()
    for kind, value in _attributes(data, defects):
        if kind == _OEM_CODEPAGE and len(value) >= 4:
            message.codec = codec_for(f"cp{struct.unpack_from('<I', value)[0]}") or message.codec
        elif kind == _SUBJECT:
            message.subject = bytes(value)
        elif kind == _BODY:
            message.body = bytes(value)
        elif kind == _MESSAGE_PROPERTIES:
            message.properties = _properties(value, defects)
        elif kind == _FILE_BEGINS:
            if len(message.files) > FILES_LIMIT:
                break
            file = _File()
            message.files.append(file)
        elif kind == _FILE_TITLE:
            file.title = bytes(value)
        elif kind == _FILE_DATA:
            file.data = value
        elif kind == _FILE_PROPERTIES:
            file.properties = _properties(value, defects)
    return message


def _attributes(data: memoryview, defects: dict[str, None]) -> Iterator[tuple[int, memoryview]]:
    """Attribute by attribute: id and value. Checksums are not checked: a wrong one helps nobody."""
    at = 6  # signature and key
    for _ in range(ATTRIBUTES_LIMIT):
        if at + 9 > len(data):
            break
        level, kind, size = struct.unpack_from("<BII", data, at)
        if level not in {1, 2}:
            defects["it is damaged"] = None
            return
        at += 9
        yield kind, data[at : at + size]
        if at + size > len(data):
            defects["it is cut off"] = None
            return
        at += size + 2
    if at + 9 <= len(data):
        defects["it has too many attributes; the rest of them was not read"] = None


def _properties(value: memoryview, defects: dict[str, None]) -> Properties:
    try:
        return read_properties(value)
    except Truncated as broken:
        defects["some of its properties could not be read"] = None
        return broken.found


def _text(message: _Message) -> tuple[str, str]:
    """Plain text and HTML; RTF only when there is neither."""
    found = message.properties
    number = found.get(_PR_CODEPAGE, b"")
    page = struct.unpack_from("<I", number)[0] if isinstance(number, bytes) and len(number) >= 4 else 0
    charset = "utf-8" if page == 65001 else f"cp{page}" if page else message.codec
    html = _words(found.get(_PR_HTML), charset)
    text = _words(found.get(_PR_BODY), message.codec) or _words(message.body, message.codec)
    if not text.strip() and not html.strip():
        packed = found.get(_PR_RTF)
        text = rtf_text(unpacked_rtf(packed)) if isinstance(packed, bytes) else ""
    return _lines(text), _lines(html)


def _files(message: _Message, html: str, defects: dict[str, None], depth: int) -> Iterator[PackedFile]:
    shown_ids = frozenset(CONTENT_ID_REFERENCE.findall(html))
    for file in message.files:
        found = file.properties
        data = found.get(_PR_DATA, b"")
        data = data if isinstance(data, bytes) else b""
        names = (found.get(_PR_LONG_NAME), found.get(_PR_FILE_NAME), file.title, found.get(_PR_NAME))
        name = next((words for each in names if (words := _words(each, message.codec).strip())), "")
        if _number(found.get(_PR_METHOD)) == _EMBEDDED_MAIL and is_tnef(data[_GUID : _GUID + 4]):
            if depth:
                yield from _embedded(data[_GUID:], name, defects, depth - 1)
                continue
            defects["mails are nested too deeply; the innermost are not opened"] = None
        content_id = _words(found.get(_PR_CONTENT_ID), message.codec).strip("<> ")
        yield PackedFile(
            name=name,
            data=bytes(file.data) or data,
            type=_type(_words(found.get(_PR_TYPE), message.codec)),
            inline=bool(content_id)
            and (bool(_number(found.get(_PR_FLAGS)) & _SHOWN_IN_HTML) or content_id in shown_ids),
            content_id=content_id,
        )


def _embedded(data: bytes, name: str, defects: dict[str, None], depth: int) -> Iterator[PackedFile]:
    """A mail inside: its words as a file named after it, then its files."""
    message = _read_message(memoryview(data), defects)
    text, html = _text(message)
    subject = _words(message.properties.get(_PR_SUBJECT), message.codec) or _words(message.subject, message.codec)
    title = (name or subject.strip() or "mail").replace("/", "_").replace("\\", "_")
    if text.strip():
        yield PackedFile(name=f"{title}.txt", data=text.encode(), type="text/plain")
    elif html.strip():
        yield PackedFile(name=f"{title}.html", data=html.encode(), type="text/html")
    yield from _files(message, html, defects, depth)


def _words(value: bytes | str | None, charset: str) -> str:
    """The text of a property or attribute, to its first NUL."""
    if value is None:
        return ""
    return clean(value) if isinstance(value, str) else decode(value.partition(b"\0")[0], charset)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _number(value: bytes | str | None) -> int:
    return int(struct.unpack_from("<I", value)[0]) if isinstance(value, bytes) and len(value) >= 4 else 0


def _type(written: str) -> str:
    kind = written.strip().lower()
    return kind if kind.count("/") == 1 and kind.isascii() and kind.isprintable() and len(kind) < 100 else _ANY


_ANY = "application/octet-stream"
