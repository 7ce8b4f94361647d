"""Chooses which parts of a mail are its text and which are attachments."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from maild.mail.charsets import decode
from maild.mail.enriched import enriched_text
from maild.mail.flowed import unflow
from maild.mail.newlines import bare_newlines
from maild.mail.parts import Part, leaves
from maild.mail.transfer import body_bytes

FLOWED_LIMIT = 2 * 1024 * 1024  # no person's text; joining lines costs 100 ns for each

_META_CHARSET = re.compile(rb"(?i)<meta[^<>]{0,200}?charset\s*=\s*[\"']?([a-z0-9_:.-]{2,40})")
_SHOWN = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext"})


@dataclass(slots=True)
class Bodies:
    """The parts of a mail by their use."""

    texts: list[Part] = field(default_factory=list)  # to be shown one below the other
    html: list[Part] = field(default_factory=list)  # every HTML body, chosen or not
    files: list[Part] = field(default_factory=list)


def sort_parts(top: Part) -> Bodies:
    """Give every leaf its use; the alternatives of one text count once (RFC 2046 §5.1.4)."""
    bodies = Bodies()
    todo: list[tuple[Part, bool]] = [(top, False)]  # (part, inside an alternative that is already shown)
    while todo:
        part, shown = todo.pop()
        if part.content_type == "multipart/alternative" and part.children:
            chosen = _choose(part)
            todo.extend(
                (child, shown or (chosen is not None and child is not chosen)) for child in reversed(part.children)
            )
        elif part.children:
            todo.extend((child, shown) for child in reversed(part.children))
        elif not _is_text(part):
            # text/x-amp-html, text/watch-html, RTF of the same words: no file for anybody.
            if (
                not shown
                or part.file_name
                or not part.content_type.startswith("text/")
                or part.content_type == "text/calendar"
            ):
                bodies.files.append(part)
        else:
            if part.content_type == "text/html":
                bodies.html.append(part)
            if not shown:
                bodies.texts.append(part)
    return bodies


def _choose(alternative: Part) -> Part | None:
    """The alternative to show: the one with plain text, else the one with HTML, else any text."""
    with_text = {"text/plain": None, "text/html": None, "": None}  # type: dict[str, Part | None]
    for child in alternative.children:
        kinds = [leaf.content_type for leaf in leaves(child) if _is_text(leaf)]
        kind = "text/plain" if "text/plain" in kinds else "text/html" if "text/html" in kinds else ""
        if kinds and with_text[kind] is None:
            with_text[kind] = child
    return with_text["text/plain"] or with_text["text/html"] or with_text[""]


def _is_text(part: Part) -> bool:
    if part.content_type.startswith("multipart/"):  # without parts: whatever it holds may be read as it is
        return part.disposition != "attachment" and not part.file_name
    if part.content_type not in _SHOWN or part.disposition == "attachment":
        return False
    return not part.file_name or part.number == "1"


def part_text(raw: bytes, part: Part, otherwise: str = "") -> str:
    """The decoded text of a text part with bare line feeds, soft breaks undone."""
    data = body_bytes(raw, part)
    charset = part.parameters.get("charset", "")
    if not charset and part.content_type == "text/html":
        meta = _META_CHARSET.search(data, 0, 4096)
        charset = meta.group(1).decode("ascii") if meta else ""
    text = bare_newlines(decode(data, charset, otherwise or "cp1252"))
    if (
        part.content_type == "text/plain"
        and part.parameters.get("format", "").lower() == "flowed"
        and len(text) < FLOWED_LIMIT
    ):
        text = unflow(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
    elif part.content_type in {"text/enriched", "text/richtext"}:
        text = enriched_text(text, rich=part.content_type == "text/richtext")
    return text


def charset_of_texts(top: Part) -> str:
    """The charset that the mail's first text names: its raw 8-bit headers are in the same one, if in any."""
    for part in (top, *leaves(top)):
        charset = part.parameters.get("charset", "")
        if charset and part.content_type.startswith("text/"):
            return charset
    return top.parameters.get("charset", "") or "cp1252"
