"""Reads the paths and parameters of MAIL and RCPT by RFC 5321's own grammar.

aiosmtpd uses the mail header parser of the standard library here, which decodes encoded words: then
`<=?utf-8?q?a=0d=0aRCPT=20TO:<v@y>?=@x.test>` becomes an address with a line end in it, and a later
`smtplib` mails v@y (RELIABILITY §0.2). An envelope is not a header: nothing is decoded here.
"""

from __future__ import annotations

import re

# RFC 5321 §4.5.3.1.3 and .2: a path with its brackets, and a domain, in octets. The 64 octets of a
# local part (.1) are not enforced: the return addresses of bulk senders exceed them every day.
_LONGEST_PATH = 256
_LONGEST_DOMAIN = 255

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?"  # the underscore is not in the RFC, but in use
_DOMAIN = rf"{_LABEL}(?:\.{_LABEL})*"
_LITERAL = r"\[[!-Z^-~]+\]"  # RFC 5321 §4.1.3
_LOCAL = rf'(?:{_ATEXT}(?:\.{_ATEXT})*|"(?:[ !#-\[\]-~]|\\[ -~])*")'
_MAILBOX = re.compile(rf"(?P<local>{_LOCAL})@(?P<domain>{_DOMAIN}|{_LITERAL})")
_SOURCE_ROUTE = re.compile(rf"@{_DOMAIN}(?:,@{_DOMAIN})*:")
_PARAMETER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~]+))?")  # RFC 5321 §4.1.2


class BadPath(ValueError):
    """The text is no path of RFC 5321; the text says what is wrong and may be shown to the client."""


def read_reverse_path(text: str) -> tuple[str, str]:
    """The sender in `FROM:<a@b> SIZE=1` and the parameters' text; "" for the null path `<>`.

    `text` is what follows MAIL, printable ASCII. Raises BadPath.
    """
    text = _after(text, "FROM:")
    if text.startswith("<>"):
        return "", _behind(text[2:])
    return _read_path(text)


def read_forward_path(text: str) -> tuple[str, str]:
    """The recipient in `TO:<a@b>` and the parameters' text, for RCPT.

    `<Postmaster>` needs no domain (RFC 5321 §4.5.1) and is given back as "postmaster". Raises BadPath.
    """
    text = _after(text, "TO:")
    if text[:12].lower() == "<postmaster>":
        return "postmaster", _behind(text[12:])
    return _read_path(text)


def read_parameters(text: str) -> dict[str, str | None]:
    """`SIZE=1 BODY=8BITMIME` as names in capitals with their values; None for a name alone.

    Raises BadPath for anything else, and for a name that comes twice.
    """
    found: dict[str, str | None] = {}
    for word in text.split():
        match = _PARAMETER.fullmatch(word)
        if match is None or match[1].upper() in found:
            raise BadPath("malformed parameters")
        found[match[1].upper()] = match[2]
    return found


def _after(text: str, keyword: str) -> str:
    if text[: len(keyword)].upper() != keyword:
        raise BadPath(f"write {keyword}<address>")
    return text[len(keyword) :].lstrip(" ")  # a space there is wrong, and usual


def _read_path(text: str) -> tuple[str, str]:
    """`<[@route:]local@domain> rest` as (local@domain, rest); source routes are dropped (RFC 5321 §F.2)."""
    if not text.startswith("<"):
        raise BadPath("the address must be in angle brackets")
    start = 1
    if route := _SOURCE_ROUTE.match(text, start):
        start = route.end()
    mailbox = _MAILBOX.match(text, start)
    if mailbox is None or text[mailbox.end() : mailbox.end() + 1] != ">":
        raise BadPath("malformed address")
    if mailbox.end() + 1 > _LONGEST_PATH or len(mailbox["domain"]) > _LONGEST_DOMAIN:
        raise BadPath("address too long")
    return mailbox[0], _behind(text[mailbox.end() + 1 :])


def _behind(rest: str) -> str:
    if rest and not rest.startswith(" "):
        raise BadPath("malformed address")
    return rest
