"""Our own check of DKIM, SPF and DMARC: signed with keys of our own, answered by a DNS of our own."""

from __future__ import annotations

import base64
import hashlib
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import dkim
import pytest

from maild.authentication.check import Check, Peer
from maild.authentication.lookups import LONGEST_CHECK, MOST_LOOKUPS, Lookups, NoAnswer
from maild.mail.authenticity import Authenticity

NOW = datetime.now(UTC)  # dkimpy looks at the clock itself
SERVER = Peer("192.0.2.25", "mail.example.com")
MAIL = (
    b"From: Kim <kim@example.com>\r\nTo: support@desk.example\r\nSubject: Broken\r\n"
    b"Date: Mon, 2 Mar 2026 09:00:00 +0000\r\nMessage-ID: <1@example.com>\r\n\r\nIt is broken.\r\n\r\n"
)
SPF = [b"v=spf1 ip4:192.0.2.0/24 -all"]
REJECT = [b"v=DMARC1; p=reject"]
Zone = dict[tuple[str, str], Any]


# ---------------------------------------------------------------------------- keys and signatures


def prime(bits: int, chance: random.Random) -> int:
    while True:
        number = chance.getrandbits(bits) | (3 << bits - 2) | 1
        if number % 65537 != 1 and all(pow(base, number - 1, number) == 1 for base in (2, 3, 5, 7)):
            return number


def der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x82]) + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


def integers(*numbers: int) -> bytes:
    return der(0x30, b"".join(der(2, n.to_bytes(n.bit_length() // 8 + 1, "big")) for n in numbers))


@cache
def key_pair(bits: int = 1024) -> tuple[bytes, bytes]:
    """A private key in PEM, and the p= of its record."""
    chance = random.Random(bits)
    p, q = prime(bits // 2, chance), prime(bits - bits // 2, chance)
    n, d = p * q, pow(65537, -1, (p - 1) * (q - 1))
    private = integers(0, n, 65537, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p))
    pem = b"-----BEGIN RSA PRIVATE KEY-----\n" + base64.encodebytes(private) + b"-----END RSA PRIVATE KEY-----\n"
    return pem, base64.b64encode(integers(n, 65537))


def record(bits: int = 1024, more: bytes = b"") -> bytes:
    return b"v=DKIM1; k=rsa; " + more + b"p=" + key_pair(bits)[1]


def signed(mail: bytes = MAIL, domain: str = "example.com", *, bits: int = 1024, **facts: Any) -> bytes:
    facts.setdefault("canonicalize", (b"relaxed", b"relaxed"))
    facts.setdefault("include_headers", [b"from", b"to", b"subject", b"date", b"message-id"])
    return bytes(dkim.sign(mail, b"s1", domain.encode(), key_pair(bits)[0], **facts)) + mail


def by_hand(mail: bytes = MAIL, *, signing: bytes = b"from", **tags: str) -> bytes:
    """Signed with tags that dkimpy itself would not write."""
    signer = dkim.DKIM(mail)
    signer.hasher = hashlib.sha256
    fields = [(b"v", b"1"), (b"a", b"rsa-sha256"), (b"c", b"simple/simple"), (b"d", b"example.com"), (b"s", b"s1")]
    fields += [(name.encode(), value.encode()) for name, value in tags.items()]
    body = hashlib.sha256(mail.partition(b"\r\n\r\n")[2].rstrip() + b"\r\n").digest()
    fields += [(b"h", signing), (b"bh", base64.b64encode(body)), (b"b", b"0" * 60)]
    policy = dkim.CanonicalizationPolicy.from_c_value(b"simple/simple")
    key = dkim.parse_pem_private_key(key_pair()[0])
    value = signer.gen_header(fields, [signing], policy, b"DKIM-Signature", key)
    return b"DKIM-Signature: " + bytes(value) + mail


def seconds(at: datetime) -> str:
    return str(int(at.timestamp()))


class Dns:
    """Answers from a zone; what stands there as an exception is raised."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self.asked: list[tuple[str, str]] = []

    def __call__(self, name: str, kind: str, seconds: float) -> list[Any]:
        assert 0 < seconds <= 2
        self.asked.append((name, kind))
        found = self.zone.get((name, kind), [])
        if isinstance(found, Exception):
            raise found
        return list(found)


def zone(**more: Any) -> Zone:
    return {
        ("s1._domainkey.example.com", "TXT"): more.get("key", [record()]),
        ("s1._domainkey.sales.example.com", "TXT"): [record()],
        ("s1._domainkey.esp.example.net", "TXT"): [record()],
        ("s1._domainkey.other.test", "TXT"): [record()],
        ("s1._domainkey.corp.internal", "TXT"): [record()],
        ("_dmarc.example.com", "TXT"): more.get("dmarc", REJECT),
        ("example.com", "TXT"): more.get("spf", SPF),
    }


def check(
    raw: bytes,
    dns: Dns | Zone | None = None,
    *,
    peer: Peer | None = SERVER,
    sender: str | None = "kim@example.com",
    at: datetime = NOW,
) -> Authenticity:
    ask = dns if isinstance(dns, Dns) else Dns(zone() if dns is None else dns)
    return Check(ask)(raw, peer=peer, envelope_from=sender, received_at=at)


def short(verdict: Authenticity) -> str:
    return " ".join(filter(None, [verdict.result, verdict.method, "exact" if verdict.exact else ""]))


EDWARDS = b"DKIM-Signature: v=1; a=ed25519-sha256; d=example.com; s=s1; h=from; bh=YQ==; b=YQ==\r\n"
STRANGER = Peer("198.51.100.9", "evil.example.net")


# ---------------------------------------------------------------------------- what passes and fails


@pytest.mark.parametrize(
    ("raw", "facts", "zone_facts", "verdict"),
    [
        (signed(), {}, {}, "pass dmarc exact"),
        (signed(), {"peer": STRANGER, "sender": "bounce@esp.example.net"}, {}, "pass dmarc exact"),
        (signed(), {}, {"dmarc": []}, "pass dkim exact"),
        (signed(bits=2048), {}, {"key": [record(2048)]}, "pass dmarc exact"),
        (signed(canonicalize=(b"simple", b"simple")), {}, {}, "pass dmarc exact"),
        (signed(MAIL.replace(b"\r\n", b"\n")), {}, {}, "pass dmarc exact"),
        (signed(MAIL.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"), {}, {}, "pass dmarc exact"),
        (signed(signed(), "esp.example.net"), {}, {}, "pass dmarc exact"),
        (b"DKIM-Signature: v=1; d=example.com\r\n" + signed(), {}, {}, "pass dmarc exact"),
        (MAIL, {}, {}, "pass spf"),
        (MAIL, {}, {"dmarc": []}, "pass spf exact"),
        (MAIL, {"peer": STRANGER}, {}, "fail"),
        (MAIL, {"peer": STRANGER}, {"dmarc": [b"v=DMARC1; p=none"]}, "fail"),
        (MAIL, {"peer": STRANGER}, {"dmarc": []}, "none"),
        (MAIL, {"peer": STRANGER}, {"dmarc": [b"v=DMARC1; p=reject", b"v=DMARC1; p=none"]}, "none"),
        (MAIL, {"peer": None}, {}, "none"),
        (MAIL, {"peer": Peer("10.1.2.3", "mx")}, {}, "none"),
        (MAIL, {"peer": Peer("::1", "mx")}, {}, "none"),
        (MAIL, {"sender": None}, {}, "none"),
        (MAIL, {"sender": ""}, {}, "none"),
        (MAIL, {"peer": STRANGER}, {"spf": [b"v=spf1 ip4:nonsense -all"]}, "fail"),
        (MAIL, {"peer": STRANGER}, {"spf": NoAnswer("timeout")}, "none"),
        (MAIL, {"peer": STRANGER}, {"dmarc": NoAnswer("timeout")}, "none"),
        (signed(), {}, {"dmarc": NoAnswer("timeout")}, "pass dkim exact"),
        (signed(), {"peer": STRANGER}, {"key": NoAnswer("timeout")}, "none"),
        (signed(), {"peer": STRANGER}, {"key": []}, "fail"),
        (signed(), {"peer": STRANGER}, {"key": [b"v=DKIM1; p="]}, "fail"),
        (signed(), {"peer": STRANGER}, {"key": [b"v=DKIM1; p=" + b"A" * 4000]}, "fail"),
        (signed(), {"peer": STRANGER}, {"key": [record(), record()]}, "fail"),
        (signed(), {"peer": STRANGER}, {"key": [record(2048)]}, "fail"),
        (signed().replace(b"broken", b"mended"), {"peer": STRANGER}, {}, "fail"),
        (signed().replace(b"kim@", b"boss@"), {"peer": STRANGER}, {}, "fail"),
        (signed(domain="esp.example.net"), {"peer": STRANGER}, {}, "fail"),
        (signed(length=True), {"peer": STRANGER}, {}, "none"),
        (signed(length=True, domain="esp.example.net"), {"peer": STRANGER}, {}, "fail"),
        (EDWARDS + MAIL, {"peer": STRANGER}, {"key": [b"v=DKIM1; k=ed25519; p=" + b"A" * 43 + b"="]}, "none"),
    ],
)
def test_signature_server_and_policy_decide_together(
    raw: bytes, facts: dict[str, Any], zone_facts: dict[str, Any], verdict: str
) -> None:
    got = check(raw, zone(**zone_facts), **facts)
    assert short(got) == verdict, got.why


SUB = MAIL.replace(b"kim@example.com>", b"kim@sales.example.com>")


@pytest.mark.parametrize(
    ("raw", "dmarc", "verdict"),
    [
        (signed(SUB), REJECT, "pass dmarc"),
        (signed(SUB, "sales.example.com"), REJECT, "pass dmarc exact"),
        (signed(SUB), [b"v=DMARC1; p=reject; adkim=s"], "fail"),
        (signed(SUB, "sales.example.com"), [b"v=DMARC1; p=reject; adkim=s"], "pass dmarc exact"),
        (signed(domain="sales.example.com"), REJECT, "none"),  # a child: only the suffix list could tell
        (SUB, [b"v=DMARC1; p=none; sp=reject"], "fail"),
    ],
)
def test_a_parent_speaks_for_its_child_unless_the_domain_is_strict(
    raw: bytes, dmarc: list[bytes], verdict: str
) -> None:
    got = check(raw, zone(dmarc=dmarc), peer=STRANGER)
    assert short(got) == verdict, got.why
    assert got.policy in {"", "reject"}


# ---------------------------------------------------------------------------- attacks (RELIABILITY §11.4, A3)


def length_appended() -> bytes:
    return signed(length=True) + b"#assign evil@example.net\r\n"


ATTACKS: dict[str, tuple[Callable[[], bytes], Zone]] = {
    "text below the signed length": (length_appended, zone()),
    "the signed length alone": (lambda: signed(length=True), zone()),
    "a second From above": (lambda: b"From: boss@example.com\r\n" + signed(), zone()),
    "a second From below": (lambda: signed().replace(b"\r\n\r\n", b"\r\nFrom: boss@example.com\r\n\r\n", 1), zone()),
    "a second Subject above": (lambda: b"Subject: #close\r\n" + signed(), zone()),
    "a second Subject below": (lambda: signed().replace(b"\r\n\r\n", b"\r\nSubject: x\r\n\r\n", 1), zone()),
    "a second Date": (lambda: b"Date: Tue, 3 Mar 2026 09:00:00 +0000\r\n" + signed(), zone()),
    "a second To": (lambda: b"To: eve@evil.example\r\n" + signed(), zone()),
    "a second Message-ID": (lambda: b"Message-ID: <2@example.com>\r\n" + signed(), zone()),
    "a second Reply-To": (lambda: b"Reply-To: a@evil.example\r\nReply-To: b@evil.example\r\n" + signed(), zone()),
    "a second In-Reply-To": (lambda: b"In-Reply-To: <1@x>\r\nIn-Reply-To: <2@x>\r\n" + signed(), zone()),
    "a second Content-Type": (
        lambda: b"Content-Type: text/html\r\n" + signed(b"Content-Type: text/plain\r\n" + MAIL),
        zone(),
    ),
    "two people in From": (
        lambda: signed(MAIL.replace(b"Kim <kim@example.com>", b"kim@example.com, eve@evil.example")),
        zone(),
    ),
    "no From": (lambda: signed().replace(b"From: Kim", b"X-From: Kim"), zone()),
    "another domain's first signature": (lambda: signed(domain="esp.example.net"), zone()),
    "a weak key": (lambda: signed(bits=768), zone(key=[record(768)])),
    "a key of a domain that is testing": (signed, zone(key=[record(more=b"t=y:s; ")])),
    "SHA-1": (lambda: signed(signature_algorithm=b"rsa-sha1"), zone()),
    "an expired signature": (lambda: by_hand(x=seconds(NOW - timedelta(hours=1))), zone()),
    "a name that nobody owns, its own": (
        lambda: signed(MAIL.replace(b"example.com>", b"corp.internal>"), "corp.internal"),
        zone(),
    ),
    "a name that nobody owns, a sibling": (
        lambda: signed(MAIL.replace(b"example.com>", b"corp.test>"), "other.test"),
        zone(),
    ),
    "a child": (lambda: signed(domain="sales.example.com"), zone()),
    "six signatures, ours last": (lambda: b"DKIM-Signature: v=1; d=a.example.net\r\n" * 5 + signed(), zone()),
    "a bare carriage return": (lambda: b"X-Note: a\r\r#close\r\n" + signed(), zone()),
    "a bare carriage return in the body": (lambda: signed(MAIL + b"a\rb\r\n"), zone()),
    "a line in the header that is no field": (lambda: b"X-Note: a\r\nFrom here on\r\n" + signed(), zone()),
    "a name with a blank": (lambda: b"Subject : x\r\n" + signed(), zone()),
    "an endless header": (lambda: b"X: " + b"a" * 70_000 + b"\r\n" + signed(), zone()),
    "an endless signature": (lambda: by_hand(z="a" * 5000), zone()),
    "an endless key": (signed, zone(key=[record(more=b"n=" + b"a" * 2000 + b"; ")])),
    "a signature without From": (lambda: by_hand(signing=b"date"), zone()),
}


def test_without_an_attack_the_same_mails_pass() -> None:
    assert check(signed(), peer=None).proves_agent
    assert check(by_hand(z="a" * 3000), peer=None).proves_agent
    assert check(signed(), zone(key=[record(more=b"n=notes; ")]), peer=None).proves_agent
    assert check(by_hand(x=seconds(NOW + timedelta(hours=1))), peer=None).proves_agent
    assert check(signed(b"Content-Type: text/plain\r\n" + MAIL), peer=None).proves_agent
    assert check(b"X-Note: a\r\n" + signed(), peer=None).proves_agent


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_proves_nothing(name: str) -> None:
    make, answers = ATTACKS[name]
    assert check(make(), answers, peer=None).result == "none"


def test_a_signature_that_is_right_but_worthless_says_why() -> None:
    got = check(length_appended(), peer=None)
    assert got.why == (
        "checked here: nothing vouches for example.com (dkim=policy)",
        "a signature is of no use: it signs a part of the body only",
    )


# ---------------------------------------------------------------------------- limits


def test_dns_is_asked_ten_times_at_most_and_dmarc_first() -> None:
    endless = {(f"{n}.example.com", "TXT"): [f"v=spf1 include:{n + 1}.example.com -all".encode()] for n in range(50)}
    dns = Dns({**zone(spf=[b"v=spf1 include:0.example.com -all"]), **endless})
    raw = b"".join(
        f"DKIM-Signature: v=1; a=rsa-sha256; d=d{n}.example.net; s=s; h=from; bh=YQ==; b=YQ==\r\n".encode()
        for n in range(9)
    )
    got = check(raw + MAIL, dns, peer=STRANGER)
    assert got.result == "none"
    assert len(dns.asked) <= MOST_LOOKUPS
    assert dns.asked[0] == ("_dmarc.example.com", "TXT")


def test_a_signature_that_proves_the_sender_spares_the_question_for_the_server() -> None:
    dns = Dns(zone())
    check(signed(), dns)
    assert ("example.com", "TXT") not in dns.asked


def test_looking_up_ends_when_its_time_is_over() -> None:
    clock = iter([0.0, 1.0, LONGEST_CHECK - 0.5, LONGEST_CHECK + 1])
    given: list[float] = []

    def slow(_name: str, _kind: str, seconds: float) -> list[Any]:
        given.append(seconds)
        return []

    lookup = Lookups(slow, clock=lambda: next(clock))
    assert lookup("a.example.com", "TXT") == lookup("b.example.com", "TXT") == []
    with pytest.raises(NoAnswer, match="no more than 10 look-ups in 8 seconds"):
        lookup("c.example.com", "TXT")
    assert given == [2.0, 0.5]


HOSTILE = {
    "blanks": lambda n: b" " * n + b"x",
    "long blanks in lines": lambda n: (b" " * 4000 + b"x\r\n") * (n // 4000),
    "short blanks in lines": lambda n: (b" " * 15 + b"x\r\n") * (n // 18),
    "tabs and blanks": lambda n: b" \t" * (n // 2),
    "line ends": lambda n: b"\r\n" * (n // 2),
    "line ends and a word": lambda n: b"\r\n" * (n // 2) + b"x",
}


@pytest.mark.parametrize("many", [65_000, 260_000, 1_040_000])
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.processor(5)
@pytest.mark.timeout(60)
def test_a_hostile_body_is_refused_or_checked_in_time(name: str, many: int) -> None:
    raw = signed()[: -len(b"It is broken.\r\n\r\n")] + HOSTILE[name](many)
    begin = time.process_time()
    assert check(raw, peer=None).result == "none"
    assert time.process_time() - begin < 1.5


@pytest.mark.parametrize(
    "value",
    [
        b"v=1; a=rsa-sha256; d=example.com; s=s1; h=from; bh=YQ==; b=" + b" \r\n " * 15_000 + b"!",
        b"v=1; a=rsa-sha256; d=example.com; s=s1; h=from; bh=YQ==; b=" + b"\r\n " * 1200 + b"!",
        b"v=1; a=rsa-sha256; d=example.com; s=s1; h=" + b"from:" * 780 + b"; bh=YQ==; b=YQ==",
        b"v=1; a=rsa-sha256; d=example.com; s=s1; h=from; i=@; bh=YQ==; b=YQ==",
        b"v=1; a=rsa-sha256; d=\xff\xfe; s=\xff; h=from; bh=YQ==; b=YQ==",
        b"v=1; a=rsa-sha256; d=; s=; h=; bh=; b=",
        b"v=1; a=ed25519-sha256; d=example.com; s=s1; h=from; bh=YQ==; b=YQ==",
        b"v=1; a=rsa-sha256; d=example.com; s=" + b"x" * 300 + b"; h=from; bh=YQ==; b=YQ==",
        b"=;=;=",
        b"",
        b";" * 4000,
    ],
)
@pytest.mark.processor(5)
@pytest.mark.timeout(60)
def test_a_hostile_signature_field_is_refused(value: bytes) -> None:
    assert check(b"DKIM-Signature: " + value + b"\r\n" + MAIL, peer=None).result == "none"


@pytest.mark.parametrize(
    "raw", [b"", b"\r\n", b"\r\n\r\n", b"x", b"From: a@example.com", b" From: a@example.com\r\n\r\n"]
)
def test_any_bytes_have_a_verdict(raw: bytes) -> None:
    assert check(raw, {}, peer=None).result == "none"


def test_whatever_dns_does_the_mail_goes_on() -> None:
    got = check(MAIL, {("_dmarc.example.com", "TXT"): ZeroDivisionError()})
    assert (got.result, got.why) == ("none", ("checked here: it could not be (ZeroDivisionError)",))
