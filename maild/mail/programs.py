"""Knows a program by its first bytes, whatever its name and type claim."""

from __future__ import annotations

# The header of a shell link: its length and its class id [MS-SHLLINK §2.1].
_LINK = b"\x4c\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"
_MACH = frozenset({b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"})
_WINDOWS = (b"PE\0\0", b"NE", b"LE", b"LX")


def program_in(data: bytes) -> str:
    """What sort of program the bytes are, such as "Windows program"; "" for anything else. Constant time."""
    if data.startswith(b"MZ"):
        # Two letters alone may begin a text, so the place that the old header points to must hold the new one.
        at = int.from_bytes(data[0x3C:0x40], "little")
        return "Windows program" if at and data[at : at + 4].startswith(_WINDOWS) else ""
    if data.startswith(b"\x7fELF"):
        return "Linux program"
    if data.startswith(_LINK):
        return "Windows shortcut"
    return "macOS program" if data[:4] in _MACH else ""
