"""Decides whether a mail comes from the domain that its From address names (MAIL.md §4, RELIABILITY §7).

From can say anything. What counts is what a mail system that we trust found when the mail came in, and
only the Authentication-Results field that certainly is that system's: fields are added on top, so the
topmost with its authserv-id, near enough to the top. A sender can write such a field, too, but only below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from maild.mail.addresses import read_addresses
from maild.mail.alignment import aligned, public_domain
from maild.mail.authentication_results import MethodResult, read_authentication_results
from maild.mail.fields import Fields, split_fields
from maild.mail.findings import Findings

MICROSOFT = "microsoft"  # what the configuration calls Exchange Online, whose fields have no authserv-id


class Proof(StrEnum):
    """What was found of a mail's origin."""

    PASS = "pass"  # noqa: S105 - no password; it comes from the domain of its From address
    FAIL = "fail"  # that domain has a DMARC policy, and the mail does not keep to it
    NONE = "none"  # nothing is known for certain


class Method(StrEnum):
    """What a pass rests on, strongest first."""

    DMARC = "dmarc"
    DKIM = "dkim"
    SPF = "spf"  # by the network address alone: everybody who sends by that server passes
    NOTHING = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticity:
    """The verdict on one mail's From address, with its reasons. No reasons: nobody was asked to look."""

    result: Proof
    domain: str = ""  # of From, in lower case; "" when it names none or several
    why: tuple[str, ...] = ()  # one sentence each
    method: Method = Method.NOTHING
    exact: bool = False  # the domain itself vouches, not a parent: what an agent needs
    policy: str = ""  # of a failure: what the domain asks for, "none", "quarantine" or "reject"; "" is unknown

    @property
    def proves_agent(self) -> bool:
        """Whether it may act as the agent with that From address: RELIABILITY §7, "A and B and C", is its B."""
        return self.result is Proof.PASS and self.exact and self.method is not Method.SPF

    @property
    def forbids_answer(self) -> bool:
        """Whether an automatic letter would likely go to somebody who wrote nothing (RELIABILITY §4, 10)."""
        return self.result is Proof.FAIL and self.policy != "none"


NOT_CHECKED = Authenticity(result=Proof.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whose Authentication-Results are believed."""

    ids: frozenset[str] = frozenset()  # authserv-ids in lower case; MICROSOFT for fields without one
    hops: int = 2  # Received fields that may stand above, ours included


def authenticity(raw: bytes, trust: Trust) -> Authenticity:
    """What the trusted mail systems say of a mail. Never raises; linear in the header."""
    if not trust.ids:
        return NOT_CHECKED
    fields, _ = split_fields(raw, 0, len(raw), Findings())
    domain, trouble = from_domain(fields)
    hops = 0
    for name, value in fields:
        if name == "received":
            hops += 1
        elif name == "authentication-results":
            read = read_authentication_results(value)
            who = read.authserv_id or MICROSOFT
            if who not in trust.ids or read.authserv_id == MICROSOFT:
                continue
            # The first one decides, whatever it is: below it anybody may have written.
            if hops > trust.hops:
                why = f"stand below {hops} Received fields, and hops = {trust.hops} allows {trust.hops}"
                return _none(domain, f"the results of {who} {why}")
            if read.trouble:
                return _none(domain, f"the results of {who} cannot be read: {read.trouble}")
            return judge(read.results, domain, trouble, who)
    return _none(domain, "no trusted mail system says anything about it")


def from_domain(fields: Fields) -> tuple[str, str]:
    """The domain that From names, and else why it names none: several addresses have no single author."""
    values = [value for name, value in fields if name == "from"]
    if len(values) != 1:
        return "", f"it has {len(values)} From fields" if values else "it has no From field"
    addresses = read_addresses(values[0])
    if len(addresses) != 1:
        return "", f"From names {len(addresses)} addresses"
    address = addresses[0].address
    domain = public_domain(address) if "@" in address else ""
    return domain, "" if domain else "the domain of From is none that its owner can prove"


def judge(results: Sequence[MethodResult], domain: str, trouble: str, who: str) -> Authenticity:
    """The verdict that follows from results about a mail whose From has this domain.

    `trouble` says why there is no domain, and `who` found the results. A failure is never outvoted, and
    results that contradict each other prove nothing.
    """
    dmarc = [each for each in results if each.method == "dmarc"]
    failed = next((each for each in dmarc if each.result == "fail"), None)
    if failed is not None:
        policy = _policy(failed)
        why = f"{who}: dmarc=fail" + (f", and the domain's policy is {policy}" if policy else "")
        return Authenticity(result=Proof.FAIL, domain=domain, why=(why,), policy=policy)
    if trouble:
        return _none("", trouble)
    passes = _vouched(results, "dkim", "header.d", "header.i")
    senders = _vouched(results, "spf", "smtp.mailfrom", "smtp.mail")
    if any(each.result == "pass" for each in dmarc):
        about = [public_domain(value) for each in dmarc for value in each.values("header.from")]
        if any(each.result != "pass" for each in dmarc) or not about or any(each != domain for each in about):
            return _none(domain, f"{who}: dmarc=pass, but not for {domain} alone")
        return _dmarc_pass(results, domain, who, passes)
    if any(aligned(each, domain) for each in passes):
        return _pass(Method.DKIM, domain, who, passes)
    if any(aligned(each, domain) for each in senders) and all(
        each.result == "pass" for each in results if each.method == "spf"
    ):
        return _pass(Method.SPF, domain, who, senders)
    found = ", ".join(dict.fromkeys(f"{each.method}={each.result}" for each in results if _is_plain(each)))
    return _none(domain, f"{who}: nothing vouches for {domain} ({found[:200] or 'no results'})")


def _dmarc_pass(results: Sequence[MethodResult], domain: str, who: str, passes: Sequence[str]) -> Authenticity:
    """A DMARC pass is as strong as what it rests on, when the field shows that."""
    why = f"{who}: dmarc=pass for {domain}"
    if not any(each.method in {"dkim", "spf"} for each in results):  # OpenDMARC's field has no more
        return Authenticity(result=Proof.PASS, domain=domain, why=(why,), method=Method.DMARC, exact=True)
    if not passes:
        why += ", by SPF alone"
    elif domain not in passes:
        why += f", signed by {passes[0] or 'another domain'}"
    return Authenticity(
        result=Proof.PASS,
        domain=domain,
        why=(why,),
        method=Method.DMARC if passes else Method.SPF,
        exact=domain in passes,
    )


def _vouched(results: Sequence[MethodResult], method: str, name: str, otherwise: str) -> list[str]:
    """The domains that this method passed for; a result that names several proves none of them."""
    found = []
    for each in results:
        if each.method == method and each.result == "pass":
            domains = {public_domain(value) for value in each.values(name) or each.values(otherwise)}
            found.append(domains.pop() if len(domains) == 1 else "")
    return found


def _pass(method: Method, domain: str, who: str, vouching: Sequence[str]) -> Authenticity:
    exact = domain in vouching
    by = domain if exact else next(each for each in vouching if aligned(each, domain))
    why = f"{who}: {method}=pass for {by}" + ("" if exact else f", a parent of {domain}")
    return Authenticity(result=Proof.PASS, domain=domain, why=(why,), method=method, exact=exact)


def _none(domain: str, why: str) -> Authenticity:
    return Authenticity(result=Proof.NONE, domain=domain, why=(why,))


def _is_plain(result: MethodResult) -> bool:
    """Whether it can be shown: the field is text from outside."""
    return f"{result.method}{result.result}".replace("-", "").isalnum() and result.method.isascii()


def _policy(result: MethodResult) -> str:
    """What the domain asks for, as Google, OpenDMARC and rspamd say in a comment and Microsoft in `action`.

    RFC 8601 gives no place for it, so what is not known is "", and counts as a policy.
    """
    words = [f"p={value.lower()}" for value in result.values("policy.dmarc", "action")]
    words += [word for comment in result.comments for word in comment.lower().replace(",", " ").split()]
    asked = {
        word.partition("=")[2].removeprefix("o")  # Microsoft's oreject: a reject that it overrode
        for word in words
        if word.startswith(("p=", "sp=", "policy="))
    }
    return next((policy for policy in ("reject", "quarantine", "none") if policy in asked), "")
