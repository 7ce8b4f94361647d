"""Looks up what a domain asks for in DMARC (RFC 7489) and compares it with what signed and sent a mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from maild.authentication.lookups import Lookups, NoAnswer
from maild.mail.alignment import aligned, public_domain
from maild.mail.authentication_results import MethodResult

_MOST_PARENTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a domain publishes."""

    found: str  # "yes", "none", or "temperror" when DNS did not answer
    asks: str = "none"  # "none", "quarantine" or "reject"
    strict: frozenset[str] = frozenset()  # of "dkim" and "spf": only the domain itself vouches

    def lets(self, vouching: str, method: str, domain: str) -> bool:
        """Whether a domain that this method passed for may vouch for the domain of From."""
        return vouching == domain or (aligned(vouching, domain) and method not in self.strict)


def dmarc_policy(domain: str, lookup: Lookups) -> Policy:
    """The record of the domain, or of the nearest parent that has one. Never raises."""
    labels = domain.split(".")
    names = [".".join(labels[at:]) for at in range(len(labels) - 1)]
    try:
        for name in names if len(names) <= _MOST_PARENTS else [names[0], *names[-_MOST_PARENTS:]]:
            text = lookup.text(f"_dmarc.{name}", b"v=dmarc1")
            if text is not None:
                return _read(text, own=name == domain)
    except NoAnswer:
        return Policy(found="temperror")
    return Policy(found="none")


def dmarc_result(domain: str, policy: Policy, results: Sequence[MethodResult]) -> MethodResult | None:
    """What DMARC says of a mail from `domain`; None when a failure would not be certain.

    It is when both methods could be asked, and nothing that vouches for the mail could belong to the same
    organisation: a child or sibling may or may not, which only the public suffix list could tell.
    """
    about = ("header.from", domain)
    if policy.found != "yes":
        return MethodResult(method="dmarc", result=policy.found, properties=(about,))
    asks = ("policy.dmarc", policy.asks)
    vouching = [
        (each.method, public_domain(value))
        for each in results
        if each.result == "pass"
        for value in each.values("header.d", "smtp.mailfrom")
    ]
    if any(policy.lets(by, method, domain) for method, by in vouching):
        return MethodResult(method="dmarc", result="pass", properties=(about, asks))
    unsure = any(each.result in {"temperror", "policy"} and _could_vouch(each, domain) for each in results)
    related = any(_related(by, domain) and method not in policy.strict for method, by in vouching)
    if unsure or related or all(each.method != "spf" for each in results):
        return None
    return MethodResult(method="dmarc", result="fail", properties=(about, asks))


def _could_vouch(result: MethodResult, domain: str) -> bool:
    """Whether this result would matter if it were a pass; else a stranger's broken signature would hide a failure."""
    domains = result.values("header.d", "smtp.mailfrom")
    return not domains or any(_related(each, domain) for each in domains)


def _related(one: str, other: str) -> bool:
    return one.split(".")[-2:] == other.split(".")[-2:]


def _read(text: bytes, *, own: bool) -> Policy:
    pairs = (each.partition("=") for each in text.decode("ascii", "replace").lower().split(";"))
    tags = {key.strip(): value.strip() for key, _, value in pairs}
    asks = tags.get("p", "none") if own else tags.get("sp", tags.get("p", "none"))
    return Policy(
        found="yes",
        asks=asks if asks in {"quarantine", "reject"} else "none",
        strict=frozenset(method for method, tag in (("dkim", "adkim"), ("spf", "aspf")) if tags.get(tag) == "s"),
    )
