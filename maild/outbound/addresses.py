"""Which addresses may be written into a letter or said to a relay."""

from __future__ import annotations

import re

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"

# RFC 5321 §4.1.2 without comments, escapes and non-ASCII (no SMTPUTF8): an IDN comes as xn--.
_MAILBOX = re.compile(
    rf'(?:{_ATOM}(?:\.{_ATOM})*|"[ !#-\[\]-~]+")'  # local part: dot-atom, or quoted without backslashes
    rf"@(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Za-z:.]+\])"  # domain, or address literal
)


def is_mailbox(address: str) -> bool:
    """Whether this is one bare address, such as `kim@example.org`, and can be nothing else.

    Everything that smtplib, a relay or a client might read as two addresses, as a display name or
    as the end of a line is refused. So is a local part that looks like an encoded word: Python
    decodes `=?utf-8?q?a=40evil.test?=@x.test` into another address (cpython gh-152519).
    """
    return len(address) <= 254 and _MAILBOX.fullmatch(address) is not None and "=?" not in address
