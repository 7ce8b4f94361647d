"""Finds the parts of a mail (RFC 2045, 2046) as places in its bytes, in time linear in its size.

The standard library's parser was measured first (docs/decisions/0001-mail-parsing.md): it works line
by line and asks every open multipart about every line, so 25 MiB of empty lines take tens of
seconds and gigabytes, and deep nesting ends in RecursionError. Here nothing is copied and nothing
recurses: delimiters are found by `bytes.find`, and a part is a pair of offsets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from maild.mail.fields import Fields, split_fields
from maild.mail.findings import Findings
from maild.mail.parameters import read_parameters

DEPTH_LIMIT = 50
PARTS_LIMIT = 1_000
CONTAINERS_LIMIT = 100

_GUESSED_DELIMITER = re.compile(rb"(?:^|[\r\n])--([0-9A-Za-z'()+_,./:=?-][^\r\n]{0,199})[\r\n]")
_AFTER_DELIMITER = re.compile(rb"(--)?[ \t]*(?:\r{0,3}\n|\r|$)")
# A byte order mark of an editor, and empty lines of a gateway, before the first field.
_BEFORE_HEADER = re.compile(rb"(?:\xef\xbb\xbf)?(?>(?:[ \t]{0,80}\r{0,3}\n){0,20})(?=[!-9;-~]{1,200}[ \t]*:)")
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+$")


@dataclass(slots=True)
class Part:
    """One leaf or container; `start:end` are its body in the raw mail, still transfer-encoded."""

    number: str  # "" for the whole mail when it is a container, else as in Attachment.part
    fields: Fields
    content_type: str
    parameters: dict[str, str]
    start: int
    end: int
    children: list[Part] = field(default_factory=list)
    disposition: str = ""
    file_name: str = ""  # decoded, not yet safe


def read_parts(raw: bytes, findings: Findings) -> Part:
    """The tree of parts of a mail; never raises. A tree over a limit is cut and said so in `findings`."""
    before = _BEFORE_HEADER.match(raw)
    top = _part(raw, (before.end() if before else 0, len(raw)), "", "text/plain", findings)
    todo = [(top, 0)]
    total = containers = 0
    while todo:
        part, depth = todo.pop()
        if not part.content_type.startswith("multipart/"):
            continue
        if depth == DEPTH_LIMIT or containers == CONTAINERS_LIMIT:
            findings.limit(f"more than {CONTAINERS_LIMIT} multiparts, or deeper than {DEPTH_LIMIT}: not opened")
            break
        containers += 1
        default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
        for place in _split(raw, part, PARTS_LIMIT - total, findings):
            number = f"{part.number}.{len(part.children) + 1}" if part.number else str(len(part.children) + 1)
            part.children.append(_part(raw, place, number, default, findings))
        total += len(part.children)
        todo.extend((child, depth + 1) for child in reversed(part.children))
    if not top.children:
        top.number = "1"  # a mail that is one single part
    return top


def leaves(top: Part) -> list[Part]:
    """Every part that is not a container, in the order of the mail."""
    found = []
    todo = [top]
    while todo:
        part = todo.pop()
        if part.children:
            todo.extend(reversed(part.children))
        else:
            found.append(part)
    return found


def _part(raw: bytes, place: tuple[int, int], number: str, default: str, findings: Findings) -> Part:
    start, end = place
    fields, body = split_fields(raw, start, end, findings)
    content_type, disposition = default, ""
    parameters: dict[str, str] = {}
    names: dict[str, str] = {}
    for name, value in fields:
        if name == "content-type" and content_type is default:
            content_type, parameters = read_parameters(value)
            if not _TYPE.match(content_type):
                # RFC 2045 §5.2: what cannot be understood is text; "text" alone is what old mailers say.
                content_type = _type_meant(content_type) or default
        elif name == "content-disposition" and not disposition:
            disposition, names = read_parameters(value)
    candidates = (names.get("filename"), names.get("name"), parameters.get("name"), parameters.get("filename"))
    return Part(
        number=number,
        fields=fields,
        content_type=content_type,
        parameters=parameters,
        start=body,
        end=end,
        disposition=disposition,
        file_name=next((name for name in candidates if name), ""),
    )


def _type_meant(written: str) -> str:
    """What a type that is none stands for: "multipart/*" holds parts, "html" is HTML."""
    if written.startswith("multipart"):
        return "multipart/mixed"
    return "text/html" if written in {"html", "text/htm"} else ""


def _split(raw: bytes, part: Part, room: int, findings: Findings) -> list[tuple[int, int]]:
    """The places of the children of a multipart; a boundary that is missing or wrong is guessed from the body."""
    boundary = _raw_boundary(part)
    if boundary and len(boundary) <= 1000:
        found = _between(raw, part, b"--" + boundary, room, findings)
        if found:
            return found
    guess = _GUESSED_DELIMITER.search(raw, max(part.start - 1, 0), min(part.end, part.start + 65536))
    # Where one was named, "--Kim" below some words is a signature: only a delimiter that is closed is one.
    if guess is None or (boundary and raw.find(b"--" + guess[1].rstrip() + b"--", guess.end(), part.end) < 0):
        findings.note("a multipart has no parts" if boundary else "a multipart names no boundary and has no parts")
        return []
    findings.note("a multipart names a wrong boundary" if boundary else "a multipart names no boundary")
    found = _between(raw, part, b"--" + guess.group(1).rstrip(), room, findings)
    if not found:
        findings.note("a multipart has no parts")
    return found


def _between(raw: bytes, part: Part, delimiter: bytes, room: int, findings: Findings) -> list[tuple[int, int]]:
    """What stands between the delimiters of a multipart (RFC 2046 §5.1.1)."""
    found: list[tuple[int, int]] = []
    begun = -1
    at = part.start
    while (at := raw.find(delimiter, at, part.end)) >= 0:
        line_start = at == part.start or raw[at - 1] in b"\r\n"
        rest = _AFTER_DELIMITER.match(raw, at + len(delimiter), part.end) if line_start else None
        if rest is None:  # the same words inside a line, or a longer boundary that begins the same
            at += len(delimiter)
            continue
        if begun >= 0:
            found.append((begun, _before_line_end(raw, begun, at)))
        begun = rest.end()
        at = max(rest.end() - 1, at + len(delimiter))  # its line end may begin the next delimiter
        if rest.group(1):  # RFC 2046 §5.1.1: after the close delimiter comes only an epilogue
            begun = -1
            break
        if len(found) >= room:
            findings.limit(f"more than {PARTS_LIMIT} parts; the rest of them was not read")
            begun = -1
            break
    else:
        if begun >= 0:
            findings.note("a multipart is not closed")
    if begun >= 0 and (begun < part.end or not found):
        found.append((begun, part.end))
    return found


def _raw_boundary(part: Part) -> bytes:
    """The boundary as bytes: compared with the body, so it must not be decoded or tidied."""
    return part.parameters.get("boundary", "").encode("utf-8", "replace").rstrip(b" \t")


def _before_line_end(raw: bytes, start: int, at: int) -> int:
    """The line end before a delimiter belongs to the delimiter (RFC 2046 §5.1.1)."""
    if at > start and raw[at - 1] == 0x0A:
        at -= 1
    if at > start and raw[at - 1] == 0x0D:
        at -= 1
    return at
