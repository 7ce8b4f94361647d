"""Finds the address inside one that a mail system wrote on the way: BATV, SRS, VERP, xtext, RFC 6533."""

from __future__ import annotations

import re

_BATV = re.compile(r"(?i)(?:ms)?(?:prvs\d?=[^=@]{1,40}=|btv1==[^=@]{1,40}==)(.+)")
_SRS0 = re.compile(r"(?i)srs0[=+-][^=@]{1,16}=[^=@]{1,16}=([^=@]{1,255})=(.+)")
_SRS1 = re.compile(r"(?i)srs1[=+-][^=@]{1,16}=[^=@]{0,255}=[=+-]?[^=@]{1,16}=[^=@]{1,16}=([^=@]{1,255})=(.+)")
_VERP = re.compile(r"(?i)(?:[^@]{1,64}-)?bounces?[+-]([^=@]{1,64})=([a-z0-9.-]{1,255}\.[a-z]{2,})")
_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_UNITEXT = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")


def unwrapped(address: str) -> str:
    """The address without what BATV, SRS or VERP put around it; other addresses come back as they are."""
    local, _, domain = address.rpartition("@")
    batv = _BATV.fullmatch(local)
    if batv is not None:
        return f"{batv.group(1)}@{domain}"
    srs = _SRS0.fullmatch(local) or _SRS1.fullmatch(local)
    if srs is not None:
        return f"{srs.group(2)}@{srs.group(1)}"
    verp = _VERP.fullmatch(local)
    if verp is not None:
        return f"{verp.group(1)}@{verp.group(2)}"
    return address


def decoded(value: str, address_type: str) -> str:
    r"""A recipient of a delivery report decoded: `+2B` of RFC 3461 §4, `\x{E9}` of RFC 6533 §3.

    A "+" before two hexadecimal digits is also a tag ("ann+42@"), so xtext counts only for what must be encoded.
    """
    if address_type == "utf-8":
        return _UNITEXT.sub(lambda match: _character(int(match.group(1), 16)) or match.group(), value)
    return _XTEXT.sub(lambda match: {"2B": "+", "3D": "="}.get(match.group(1), match.group()), value)


def _character(number: int) -> str:
    printable = 0x20 < number < 0x110000 and not 0xD800 <= number < 0xE000
    return chr(number) if printable and chr(number).isprintable() and number not in b"@<>" else ""
