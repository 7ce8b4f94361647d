"""A package is a file that holds further files and maybe the mail's text: Outlook's winmail.dat (TNEF)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from maild.mail.filenames import name_for, safe_name, type_for
from maild.mail.html import html_text
from maild.mail.model import Attachment, Mail
from maild.mail.programs import program_in

TNEF_SIGNATURE = b"\x78\x9f\x3e\x22"  # 0x223E9F78, little-endian (MS-OXTNEF 2.1.3.1)
PACKAGE_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedFile:
    """A file in a package."""

    name: str  # as written, not yet safe
    data: bytes
    type: str = "application/octet-stream"
    inline: bool = False
    content_id: str = ""  # without angle brackets


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What a package holds."""

    text: str = ""  # "\n" line ends
    html: str = ""
    files: tuple[PackedFile, ...] = ()
    defects: tuple[str, ...] = ()  # what could not be read, for people


def is_package(file: Attachment) -> bool:
    """Whether a file of a mail is to be opened."""
    return file.type in PACKAGE_TYPES and "/" not in file.part


def unpacked(mail: Mail, part: str, package: Package) -> Mail:
    """The mail with what the package at `part` holds in its place; its own text is never replaced.

    The files get the parts "2/1", "2/2" and so on. A package that could not be read to its end stays
    in the list beside what it gave.
    """
    defects = tuple(f"{_name_at(mail, part)}: {defect}" for defect in package.defects)
    files = tuple(_attachment(file, f"{part}/{index}") for index, file in enumerate(package.files, 1))
    attachments: list[Attachment] = []
    for file in mail.attachments:
        if file.part != part:
            attachments.append(file)
            continue
        attachments += [file, *files] if defects else files
    mail = replace(mail, attachments=tuple(attachments), defects=(*mail.defects, *defects))
    if mail.text.strip():
        return mail
    text = package.text if package.text.strip() else html_text(package.html)
    return replace(mail, text=text, html=mail.html or package.html, html_only=not package.text.strip() and bool(text))


def unopened(mail: Mail, part: str, why: str) -> Mail:
    """The mail with a package that could not be opened: it stays a file, and people are told."""
    return replace(mail, defects=(*mail.defects, f"{_name_at(mail, part)} could not be opened: {why}"))


def _name_at(mail: Mail, part: str) -> str:
    return next((file.name for file in mail.attachments if file.part == part), part)


def _attachment(file: PackedFile, part: str) -> Attachment:
    kind = type_for(file.name) if file.type == "application/octet-stream" else file.type
    return Attachment(
        name=safe_name(file.name) or name_for(kind, part.replace("/", "-")),
        type=kind,
        size=len(file.data),
        sha256=hashlib.sha256(file.data).hexdigest(),
        inline=file.inline,
        part=part,
        content_id=file.content_id,
        runs=program_in(file.data),
    )
