"""Asks SPF (RFC 7208), by pyspf, whether a domain sends through the server that handed a mail to us."""

from __future__ import annotations

import ipaddress
import warnings
from functools import cache
from typing import Any

from maild.authentication.lookups import Lookups, NoAnswer
from maild.mail.alignment import public_domain
from maild.mail.authentication_results import MethodResult

_OUR_OWN = tuple(
    ipaddress.ip_network(network)
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "::1/128", "fc00::/7", "fe80::/10")
)


def spf_result(address: str, helo: str, envelope_from: str, lookup: Lookups) -> MethodResult | None:
    """What SPF says of the envelope's sender; None when it cannot be asked. Never raises.

    A mail with the null reverse-path has no domain that DMARC could use (RFC 7489 §3.1.2), and a server
    of our own house says nothing about who gave the mail to it.
    """
    domain = public_domain(envelope_from) if "@" in envelope_from else ""
    if not domain:
        return None
    try:
        server = ipaddress.ip_address(address)
        if any(server in network for network in _OUR_OWN if network.version == server.version):
            return None
        query = query_class()(address, envelope_from, helo, lookup)
        result = str(query.check()[0])
    except NoAnswer:
        result = "temperror"
    except Exception:  # noqa: BLE001 - a stranger wrote the record that it fell over
        result = "permerror"
    return MethodResult(method="spf", result=result, properties=(("smtp.mailfrom", domain),))


@cache
def query_class() -> Any:
    """The reader of records that pyspf has, asking us instead of DNS. Made when wanted: an extra may be missing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it was written for Python 2
        import spf

    class Query(spf.query):  # type: ignore[misc]
        """One question."""

        def __init__(self, address: str, sender: str, helo: str, lookup: Lookups) -> None:
            super().__init__(i=address, s=sender, h=helo)
            self.lookup = lookup

        def dns(self, name: str, qtype: str, cnames: object = None, ignore_void: bool = False) -> list[Any]:  # noqa: ARG002, FBT001, FBT002
            """The records of a name, as pyspf wants them."""
            found = self.lookup(str(name), qtype)
            if not found and not ignore_void:
                self.void_lookups += 1
                if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                    raise spf.PermError("too many names without an answer")
            return [[record] for record in found] if qtype == "TXT" else list(found)

    return Query
