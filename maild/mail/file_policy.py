"""Which files may leave the house, and why not: the one gate before every byte of an attachment.

A refused file is never lost: the raw mail keeps it, and people see it listed with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from maild.mail.model import Mail, Scan

# What a double click runs, as Gmail and Outlook refuse it; scripts, installers, disk images that hide
# them, and Windows files that are links to programs.
EXTENSIONS = (
    *("ade", "adp", "apk", "appinstaller", "application", "appref-ms", "appx", "appxbundle", "bat", "cab", "chm"),
    *("cmd", "com", "cpl", "diagcab", "dll", "dmg", "exe", "gadget", "hlp", "hta", "img", "inf", "ins", "iso"),
    *("isp", "jar", "jnlp", "js", "jse", "library-ms", "lnk", "mde", "mjs", "msc", "msi", "msix", "msixbundle"),
    *("msp", "mst", "pif", "ps1", "ps1xml", "ps2", "psc1", "psd1", "psm1", "pyz", "pyzw", "reg", "scf", "scr"),
    *("sct", "search-ms", "settingcontent-ms", "shb", "shs", "sys", "url", "vb", "vbe", "vbs", "vhd", "vhdx"),
    *("vxd", "wsc", "wsf", "wsh", "xbap", "xll"),
)
TYPES = (
    "application/hta",
    "application/java-archive",
    "application/vnd.microsoft.portable-executable",
    "application/x-dosexec",
    "application/x-elf",
    "application/x-executable",
    "application/x-ms-dos-executable",
    "application/x-ms-installer",
    "application/x-ms-shortcut",
    "application/x-msdownload",
    "application/x-msi",
)
LARGEST = 15 << 20
TOTAL = 18 << 20  # 25 MiB once written in base64, which is what most mail systems take


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePolicy:
    """What the desk hands out."""

    largest: int = LARGEST  # decoded bytes of one file in a letter
    total: int = TOTAL  # decoded bytes of all files in a letter
    extensions: frozenset[str] = frozenset(EXTENSIONS)  # refused; lower case, without the dot
    types: frozenset[str] = frozenset(TYPES)  # refused; lower case
    programs: bool = True  # refuse what its first bytes show to be a program
    scanning: bool = False  # a virus scanner is set up: only what it found clean may leave


class FileFacts(Protocol):
    """What the gate looks at; `Attachment` is one, and a stored file."""

    @property
    def name(self) -> str:
        """The safe name."""

    @property
    def type(self) -> str:
        """The declared type, in lower case."""

    @property
    def size(self) -> int:
        """Decoded bytes."""

    @property
    def runs(self) -> str:
        """What sort of program its bytes are, or ""."""

    @property
    def scan(self) -> Scan:
        """What the scanner said."""

    @property
    def scan_says(self) -> str:
        """The virus, or why it was not scanned."""


def may_hand_out(file: FileFacts, policy: FilePolicy) -> str:
    """Why the bytes of this file may go to nobody; "" when they may. Whoever hands out a file asks here."""
    if file.scan == Scan.INFECTED:  # even when the scanner has been switched off since
        return f"the virus scanner found {file.scan_says or 'something'} in it"
    for extension in _extensions(file.name):
        if extension in policy.extensions:
            return f".{extension} files can be run"
    if file.type in policy.types:
        return f"{file.type} can be run"
    if policy.programs and file.runs:
        return f"it is a {file.runs}"
    if policy.scanning and file.scan != Scan.CLEAN:
        why = "it came before the virus scanner was set up" if file.scan == Scan.UNASKED else file.scan_says
        return f"not scanned for viruses: {why or 'the scanner did not answer'}"
    return ""


def infected_files(mail: Mail) -> tuple[tuple[str, str], ...]:
    """The files of a mail in which the scanner found something: (name, virus)."""
    return tuple([(a.name, a.scan_says) for a in mail.attachments if a.scan == Scan.INFECTED])


def refused_for_letter(files: Sequence[FileFacts], policy: FilePolicy) -> tuple[str, ...]:
    """Why these files cannot travel together in one letter, one line each; () when they can."""
    refused = []
    for file in files:
        why = may_hand_out(file, policy)
        if not why and file.size > policy.largest:
            why = f"it has {_mib(file.size)}, and a file in a letter may have {_mib(policy.largest)}"
        if why:
            refused.append(f"{file.name}: {why}")
    total = sum(file.size for file in files)
    if not refused and total > policy.total:
        refused.append(f"the files have {_mib(total)} together, and a letter may carry {_mib(policy.total)}")
    return tuple(refused)


def _extensions(name: str) -> Iterator[str]:
    """The extension, and those before a colon: Windows opens `a.exe:b.txt` and `a.exe::$DATA` as a.exe."""
    for piece in name.lower().split(":"):
        _, dot, extension = piece.rstrip(". ").rpartition(".")
        if dot:
            yield extension.strip()


def _mib(size: int) -> str:
    return f"{size / (1 << 20):.1f} MiB"
