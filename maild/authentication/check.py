"""Checks one mail: signatures, the server it came from, and what the domain of From asks for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from maild.authentication.lookups import Lookups, Resolve, resolve
from maild.authentication.policy import dmarc_policy, dmarc_result
from maild.authentication.servers import query_class, spf_result
from maild.authentication.signatures import dkim_results
from maild.mail.authenticity import Authenticity, Proof, from_domain, judge
from maild.mail.fields import split_fields
from maild.mail.findings import Findings

WHO = "checked here"


@dataclass(frozen=True, slots=True)
class Peer:
    """The server that handed a mail to us."""

    address: str  # IPv4 or IPv6
    helo: str  # what it called itself


@dataclass(frozen=True)
class Check:
    """The check, on one way to ask DNS."""

    resolve: Resolve = resolve

    def __post_init__(self) -> None:
        """Import pyspf now, in one thread: to silence its warnings changes the settings of the process."""
        query_class()

    def __call__(
        self, raw: bytes, *, peer: Peer | None, envelope_from: str | None, received_at: datetime
    ) -> Authenticity:
        """The verdict on a mail. Never raises, and takes eight seconds, or one walk through the body longer.

        Without `peer` or `envelope_from` SPF is not asked, and nothing is called a failure.
        """
        try:
            return self._verdict(raw, peer, envelope_from, received_at)
        except Exception as error:  # noqa: BLE001 - a mail must go on, whatever its sender made of DNS
            return Authenticity(result=Proof.NONE, why=(f"{WHO}: it could not be ({type(error).__name__})",))

    def _verdict(self, raw: bytes, peer: Peer | None, envelope_from: str | None, received_at: datetime) -> Authenticity:
        fields, _ = split_fields(raw, 0, len(raw), Findings())
        domain, trouble = from_domain(fields)
        if trouble:
            return Authenticity(result=Proof.NONE, why=(trouble,))
        lookup = Lookups(self.resolve)
        policy = dmarc_policy(
            domain, lookup
        )  # first, while there are look-ups left: the others are the sender's choice
        results = dkim_results(raw, lookup, received_at.timestamp())
        signed = any(
            each.result == "pass" and policy.lets(each.values("header.d")[0], "dkim", domain) for each in results
        )
        if peer is not None and envelope_from is not None and not signed:
            sent = spf_result(peer.address, peer.helo, envelope_from, lookup)
            results += [sent] if sent else []
        dmarc = dmarc_result(domain, policy, results)
        verdict = judge([*results, *([dmarc] if dmarc else [])], domain, trouble, WHO)
        notes = [f"a signature is of no use: {each.comments[0]}" for each in results if each.result == "policy"]
        return replace(verdict, why=(*verdict.why, *dict.fromkeys(notes)))
