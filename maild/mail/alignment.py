"""Whether the domain that vouches for a mail may speak for the domain of its From address (RFC 7489 §3.1).

There is no list of public suffixes here, so alignment is stricter than a mail system's: a parent speaks
for its children, never a child for its parent. Without the list `evil.github.io` could speak for
`github.io`. What only the list can tell, a mail system's own `dmarc=pass` tells
(docs/decisions/0006-whose-word-for-authenticity.md).
"""

from __future__ import annotations

import re

# Nobody owns a name below these (RFC 6761, 6762, 8375, ICANN's `internal`, and names seen inside companies):
# whoever runs the nearest DNS server answers for them.
_UNOWNED = frozenset({
    *("test", "invalid", "localhost", "local", "internal", "onion", "alt", "arpa"),
    *("corp", "home", "lan", "localdomain", "intranet", "private", "mail"),
})  # fmt: skip
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.){1,126}[a-z0-9-]{2,63}")


def public_domain(text: str) -> str:
    """The domain of an address or of a bare domain, in lower case; "" when it is no name of the public DNS."""
    domain = text.rpartition("@")[2].strip("<>").rstrip(".").lower()
    if len(domain) > 253 or _HOST.fullmatch(domain) is None or domain.rpartition(".")[2] in _UNOWNED:
        return ""
    return domain


def aligned(vouching: str, domain: str) -> bool:
    """Whether `vouching` is `domain` or a parent of it; both as `public_domain` gives them, "" never is."""
    return bool(vouching) and (vouching == domain or domain.endswith(f".{vouching}"))
