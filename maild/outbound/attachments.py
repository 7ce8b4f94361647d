"""How a file that travels with a letter is written as one MIME part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from maild.app.ports import File
from maild.outbound.bodies import file_body
from maild.outbound.headers import is_id, one_line

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")  # RFC 6838 §4.2
_SIMPLE_NAME = re.compile(r"[A-Za-z0-9 !#$&()+,.:;@_{}\[\]-]{1,60}")
_NAME = 120  # characters, as the mail room keeps them
_PIECE = 60  # characters of one RFC 2231 piece


def file_part(file: File) -> str:
    """Headers, an empty line and the file in base64, with CRLF line ends and pure ASCII."""
    disposition = "inline" if is_shown_inside(file) else "attachment"
    content_id = f"Content-ID: <{file.content_id}>\r\n" if is_shown_inside(file) else ""
    return (
        f"Content-Type: {_safe_type(file.type)}\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: {disposition}{_file_name(file.name)}\r\n"
        f"{content_id}\r\n" + file_body(file.content)
    )


def is_shown_inside(file: File) -> bool:
    """Whether the HTML can refer to it by `cid:`; any other file is an attachment, never lost."""
    return file.inline and is_id(file.content_id)


def _safe_type(kind: str) -> str:
    kind = kind.lower()
    if not _TYPE.fullmatch(kind) or kind.startswith(("message/", "multipart/")):
        # message/* and multipart/* must not be in base64 (RFC 2045 §6.4).
        return "application/octet-stream"
    return kind


def _file_name(name: str) -> str:
    flat = one_line(name)[:_NAME].strip()
    if not flat:
        return ""
    if _SIMPLE_NAME.fullmatch(flat):
        return f';\r\n filename="{flat}"'
    # RFC 2231 §3, §4: percent-encoded pieces, because one long line would exceed 998.
    first, *more = _pieces(flat)
    if not more:
        return f";\r\n filename*=utf-8''{first}"
    numbered = "".join(f";\r\n filename*{place}*={piece}" for place, piece in enumerate(more, 1))
    return f";\r\n filename*0*=utf-8''{first}{numbered}"


def _pieces(name: str) -> Iterator[str]:
    piece = ""
    for character in name:
        encoded = quote(character, safe="")
        if len(piece) + len(encoded) > _PIECE:
            yield piece
            piece = ""
        piece += encoded
    yield piece
