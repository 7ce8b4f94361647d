"""Which URLs webhooks may go to; apart from their sender, so that reading a configuration loads no HTTP client."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

LONGEST_URL = 2000
_PLAIN = re.compile(r"[!-~]+")
_HOST = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*")


def webhook_fault(url: str) -> str:
    """What is wrong with a URL that webhooks are to go to; "" when nothing is."""
    right = "write it like https://hooks.example.com/tickets"
    if not _PLAIN.fullmatch(url) or len(url) > LONGEST_URL:
        return f"a URL has printable ASCII characters only, at most {LONGEST_URL}; {right}"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return f"this is no URL; {right}"
    if parts.scheme not in ("https", "http") or not _HOST.fullmatch(host) or len(host) > 253:
        return f"this is no URL of a web server; {right}"
    if parts.username is not None or parts.password is not None or parts.fragment:
        return "a URL for webhooks has no login and no fragment: they are signed; leave these out"
    if parts.scheme == "http" and not _is_loopback(host):
        return "http:// can be read on the way, and is for this machine only; use https://"
    return ""


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
