"""Whether a mail comes from the domain of its From address: what proves it, what denies it, what is forged."""

from __future__ import annotations

import pytest

from maild.mail.authenticity import Authenticity, Trust, authenticity

OURS = "mx.desk.example"  # the authserv-id of our own mail system
TRUST = Trust(ids=frozenset({OURS}), hops=1)
EXCHANGE = Trust(ids=frozenset({"microsoft"}), hops=3)
DMARC = "dmarc=pass (p=reject dis=none) header.from=example.com"
EDGE = "Received: from mail.example.com (192.0.2.1)\r\n\tby mx.desk.example (Postfix) with ESMTPS id 1\r\n"
OLDER = "Received: from laptop (198.51.100.7)\r\n\tby mail.example.com with ESMTPSA id 2\r\n"


def judged(header: str, trust: Trust = TRUST, *, sender: str = "Kim <kim@example.com>") -> Authenticity:
    froms = f"From: {sender}\r\n" if sender else ""
    return authenticity(f"{header}{froms}Subject: Broken\r\n\r\nHello\r\n".encode(), trust)


def found(results: str, **facts: object) -> Authenticity:
    """The mail, with what our own mail system wrote on top of it."""
    return judged(f"Authentication-Results: {OURS}; {results}\r\n{EDGE}{OLDER}", **facts)  # type: ignore[arg-type]


def short(verdict: Authenticity) -> str:
    """Such as "pass dkim exact"."""
    return " ".join(filter(None, [verdict.result, verdict.method, "exact" if verdict.exact else ""]))


@pytest.mark.parametrize(
    ("results", "verdict", "agent"),
    [
        # DMARC says it, and the field shows what it rests on.
        ("dkim=pass header.d=example.com; spf=pass smtp.mailfrom=x@example.com; " + DMARC, "pass dmarc exact", True),
        ("dkim=pass header.i=@example.com; spf=softfail smtp.mailfrom=x@y.example; " + DMARC, "pass dmarc exact", True),
        ("dkim=pass header.d=evil.example.com; spf=none; " + DMARC, "pass dmarc", False),
        ("dkim=fail header.d=example.com; spf=pass smtp.mailfrom=x@example.com; " + DMARC, "pass spf", False),
        ("spf=pass smtp.mailfrom=x@example.com; " + DMARC, "pass spf", False),
        (DMARC, "pass dmarc exact", True),
        ("dmarc=pass header.from=EXAMPLE.com.", "pass dmarc exact", True),
        # A signature alone, where the domain has no DMARC record.
        ("dmarc=none header.from=example.com; dkim=pass header.d=example.com", "pass dkim exact", True),
        ("dkim=pass header.d=example.com", "pass dkim exact", True),
        ("dkim=pass header.d=EXAMPLE.COM", "pass dkim exact", True),
        ("dkim=pass (1024-bit key) header.i=kim@example.com", "pass dkim exact", True),
        ("dkim=pass header.d=esp.example; dkim=pass header.d=example.com", "pass dkim exact", True),
        ("dkim=fail header.d=example.com; dkim=pass header.d=example.com", "pass dkim exact", True),
        ("dkim=temperror header.d=example.com; dmarc=temperror header.from=example.com", "none", False),
        # The address of the last relay alone.
        ("spf=pass smtp.mailfrom=bounce@example.com", "pass spf exact", False),
        ("spf=pass smtp.mailfrom=example.com", "pass spf exact", False),
        ("spf=pass smtp.helo=mail.example.com", "none", False),
        ("spf=pass smtp.mailfrom=x@example.com; spf=fail smtp.mailfrom=x@example.com", "none", False),
        # Somebody else's.
        ("dkim=pass header.d=esp.example", "none", False),
        ("dkim=pass header.d=com", "none", False),
        ("dkim=pass header.d=ample.com", "none", False),
        ("dkim=pass header.d=example.com.evil.example", "none", False),
        ("dkim=pass header.d=evil.example header.d=example.com", "none", False),
        ("dkim=pass header.d=evil.example header.i=@example.com", "none", False),
        ("dkim=pass header.i=@evil.example header.i=@example.com", "none", False),
        ("dkim=pass header.d=", "none", False),
        ("dkim=pass", "none", False),
        ("dkim-atps=pass header.d=example.com", "none", False),
        ("x-dkim=pass header.d=example.com", "none", False),
        ("arc=pass header.d=example.com", "none", False),
        ("auth=pass smtp.auth=kim@example.com", "none", False),
        ("spf=pass smtp.mailfrom=kim@example.com@evil.example", "none", False),
        ('spf=pass smtp.mailfrom="kim@example.com dmarc=pass header.from=example.com"@evil.example', "none", False),
        ('spf=pass smtp.mailfrom="a; dkim=pass header.d=example.com; x"@evil.example', "none", False),
        ("spf=none (x; dkim=pass header.d=example.com) smtp.mailfrom=evil.example", "none", False),
        # What DMARC says is never outvoted, and has to be about this domain.
        ("dmarc=pass header.from=evil.example; dkim=pass header.d=example.com", "none", False),
        ("dmarc=pass header.from=evil.example header.from=example.com", "none", False),
        ("dmarc=pass; dkim=pass header.d=example.com", "none", False),
        ("dmarc=pass header.from=example.com; dmarc=none header.from=example.com", "none", False),
        ("dmarc=fail header.from=example.com; dkim=pass header.d=example.com", "fail", False),
        (DMARC + "; dmarc=fail header.from=example.com", "fail", False),
        ("dmarc=fail header.from=example.com; " + DMARC, "fail", False),
        ("dmarc=FAIL header.from=example.com", "fail", False),
        ("dmarc=bestguesspass action=none header.from=example.com", "none", False),
        ("dmarc=permerror header.from=example.com", "none", False),
        ("none", "none", False),
    ],
)
def test_what_our_mail_system_found_decides(results: str, verdict: str, agent: bool) -> None:
    got = found(results)
    assert short(got) == verdict, got.why
    assert got.proves_agent is agent
    assert len(got.why) == 1


@pytest.mark.parametrize(
    ("sender", "results", "verdict"),
    [
        ("kim@sales.example.com", "dkim=pass header.d=example.com", "pass dkim"),
        ("kim@sales.example.com", "dkim=pass header.d=sales.example.com", "pass dkim exact"),
        ("kim@sales.example.com", "spf=pass smtp.mailfrom=x@example.com", "pass spf"),
        ("kim@example.com", "dkim=pass header.d=sales.example.com", "none"),
        ("kim@example.com", "dkim=pass header.d=example.com.", "pass dkim exact"),
        ("kim@example.co.uk", "dkim=pass header.d=other.co.uk", "none"),
        ("kim@corp.test", "dkim=pass header.d=other.test", "none"),
        ("kim@corp.test", "dkim=pass header.d=corp.test", "none"),
        ("kim@corp.test", "dmarc=pass header.from=corp.test", "none"),
        ("kim@corp.internal", "dkim=pass header.d=corp.internal; dmarc=pass header.from=corp.internal", "none"),
        ("kim@corp.local", "dkim=pass header.d=corp.local", "none"),
        ("kim@localhost", "dkim=pass header.d=localhost", "none"),
        ("kim@[192.0.2.1]", "spf=pass smtp.mailfrom=x@[192.0.2.1]", "none"),
    ],
)
def test_only_a_domain_or_its_parent_vouches_and_only_where_names_have_owners(
    sender: str, results: str, verdict: str
) -> None:
    assert short(found(results, sender=sender)) == verdict


@pytest.mark.parametrize(
    "sender",
    [
        "",
        "Kim",
        "kim@example.com, kim@evil.example",
        "kim@evil.example, kim@example.com",
        "kim@example.com\r\nFrom: boss@example.com",
        "kim@example.com\r\nfrom : kim@example.com",
        "kim@evil.example",
        "kim@evil.example (kim@example.com)",
        '"kim@example.com" <kim@evil.example>',
        "=?utf-8?q?kim=40example=2Ecom?= <kim@evil.example>",
        "<kim@example.com> <kim@evil.example>, x@example.com",
        "kim@example.com@evil.example",
        "kim@exämple.com",
        "customers: kim@example.com, eve@evil.example;",
        "undisclosed:;",
    ],
)
def test_a_from_without_one_author_of_that_domain_proves_nothing(sender: str) -> None:
    assert short(found("dkim=pass header.d=example.com; " + DMARC, sender=sender)) == "none"


@pytest.mark.parametrize(
    ("results", "policy", "forbids"),
    [
        ("dmarc=fail (p=NONE sp=NONE dis=NONE) header.from=example.com", "none", False),
        ("dmarc=fail (p=REJECT sp=REJECT dis=NONE) header.from=example.com", "reject", True),
        ("dmarc=fail (p=none,sp=reject) header.from=example.com", "reject", True),
        ("dmarc=fail (p=quarantine dis=none) header.from=example.com", "quarantine", True),
        ('dmarc=fail reason="no valid DKIM" header.from=example.com (policy=none)', "none", False),
        ("dmarc=fail action=none header.from=example.com", "none", False),
        ("dmarc=fail action=oreject header.from=example.com", "reject", True),
        ("dmarc=fail policy.dmarc=quarantine header.from=example.com", "quarantine", True),
        ("dmarc=fail header.from=example.com", "", True),
        ("dmarc=fail (p=) header.from=example.com", "", True),
    ],
)
def test_a_failure_counts_as_its_domain_wishes(results: str, policy: str, forbids: bool) -> None:
    got = found(results)
    assert (got.result, got.policy, got.forbids_answer) == ("fail", policy, forbids)


def test_no_failure_forbids_nothing() -> None:
    assert not found(DMARC).forbids_answer
    assert not found("none").forbids_answer


# ---------------------------------------------------------------------------- whose field it is

GOOD = f"Authentication-Results: {OURS}; dkim=pass header.d=example.com; {DMARC}\r\n"
BAD = f"Authentication-Results: {OURS}; dkim=none; dmarc=fail (p=none) header.from=example.com\r\n"
NOTHING = f"Authentication-Results: {OURS}; none\r\n"
ODD = f"Authentication-Results: {OURS}; dkim=pass (\r\n"
OTHER = f"Authentication-Results: mx.evil.example; dkim=pass header.d=example.com; {DMARC}\r\n"
BARE = f"Authentication-Results: dkim=pass header.d=example.com; {DMARC}\r\n"


@pytest.mark.parametrize(
    "header",
    [
        GOOD + EDGE + OLDER,  # OpenDKIM 2.12, Exim, Microsoft: above their own Received
        EDGE + GOOD + OLDER,  # OpenDKIM before, rspamd: below it
        "Return-Path: <x@example.com>\r\nDelivered-To: support@desk.example\r\n" + EDGE + GOOD,
        OTHER + GOOD + EDGE,
        GOOD + BAD + EDGE,
        GOOD + ODD + EDGE,
        GOOD.replace(OURS, OURS.upper()) + EDGE,
        GOOD.replace(OURS + ";", f"(ours)\r\n\t{OURS} 1 (really);\r\n ") + EDGE,
        GOOD.replace("Authentication-Results", "AUTHENTICATION-RESULTS") + EDGE,
        GOOD.replace(OURS, f'"{OURS}"') + EDGE,
    ],
)
def test_our_field_is_found_where_mail_systems_write_it(header: str) -> None:
    assert short(judged(header)) == "pass dmarc exact"


FORGED = {
    "nobody wrote one": EDGE + OLDER,
    "lower, below ours that failed": BAD + EDGE + GOOD,
    "lower, right below ours": BAD + GOOD + EDGE,
    "lower, and ours found nothing": NOTHING + EDGE + GOOD,
    "lower, and ours is right above": NOTHING + GOOD + EDGE,
    "lower, and ours cannot be read": ODD + GOOD + EDGE,
    "lower, and ours is too long": GOOD.replace("; dkim", ";" + " " * 5000 + "dkim") + GOOD + EDGE,
    "lower, and ours has an unknown version": GOOD.replace(OURS, OURS + " 2") + GOOD + EDGE,
    "below two Received": EDGE + OLDER + GOOD,
    "below three Received": EDGE + OLDER + OLDER + GOOD,
    "below two Received, twice": EDGE + OLDER + GOOD + GOOD,
    "below two Received, one of them odd": EDGE + "Received : x\r\n" + GOOD,
    "below two Received, one of them empty": EDGE + "Received:\r\n" + GOOD,
    "below two Received of another case": EDGE.upper() + "RECEIVED: x\r\n" + GOOD,
    "a Received that names us": EDGE + "Received: by mx.desk.example; now\r\n" + GOOD,
    "another system's": OTHER + EDGE,
    "without an id": BARE + EDGE,
    "without an id, above another's": BARE + OTHER + EDGE,
    "an id below ours": GOOD.replace(OURS, "x." + OURS) + EDGE,
    "an id above ours": GOOD.replace(OURS, "desk.example") + EDGE,
    "our id with more at its end": GOOD.replace(OURS, OURS + ".evil.example") + EDGE,
    "our id with a version glued on": GOOD.replace(OURS, OURS + "/1") + EDGE,
    "our id with a dot": GOOD.replace(OURS, OURS + ".") + EDGE,
    "our id with an address around": GOOD.replace(OURS, "x@" + OURS) + EDGE,
    "our id in brackets": GOOD.replace(OURS, f"<{OURS}>") + EDGE,
    "our id in a comment": GOOD.replace(OURS, f"({OURS}) mx.evil.example") + EDGE,
    "our id in a comment, alone": GOOD.replace(OURS + ";", f"({OURS})") + EDGE,
    "our id behind a blank": GOOD.replace(OURS, "mx.evil.example " + OURS) + EDGE,
    "our id before another": GOOD.replace(OURS, OURS + " mx.evil.example") + EDGE,
    "our id cut by a blank": GOOD.replace(OURS, "mx. desk.example") + EDGE,
    "our id cut by a comment": GOOD.replace(OURS, "mx.(x)desk.example") + EDGE,
    "our id cut by a fold": GOOD.replace(OURS, "mx.\r\n desk.example") + EDGE,
    "our id with a quotation inside": GOOD.replace(OURS, 'mx."desk".example') + EDGE,
    "our id after a semicolon": GOOD.replace(OURS, "; " + OURS) + EDGE,
    "our id as a property": GOOD.replace(OURS, "x=" + OURS) + EDGE,
    "our id as a value": GOOD.replace(OURS, "authserv-id=" + OURS) + EDGE,
    "our id with other letters": GOOD.replace("desk", "d\N{CYRILLIC SMALL LETTER IE}sk") + EDGE,
    "our id with a fullwidth dot": GOOD.replace("mx.", "mx\N{FULLWIDTH FULL STOP}") + EDGE,
    "our id with a soft hyphen": GOOD.replace("desk", "de\N{SOFT HYPHEN}sk") + EDGE,
    "our id with a NUL": GOOD.replace("desk", "de\0sk") + EDGE,
    "our id in another encoding": GOOD.replace("desk", "de%73k") + EDGE,
    "an encoded id": GOOD.replace(OURS, "=?utf-8?q?mx=2Edesk=2Eexample?=") + EDGE,
    "an encoded field": "Authentication-Results: =?utf-8?q?mx.desk.example;_dkim=3Dpass_header.d=3Dexample.com?=\r\n",
    "encoded results": GOOD.replace("dkim=pass", "=?utf-8?q?dkim=3Dpass?=").replace("dmarc=pass", "x=y") + EDGE,
    "results in a comment": f"Authentication-Results: {OURS}; none (dkim=pass header.d=example.com; {DMARC})\r\n",
    "results in a quotation": f'Authentication-Results: {OURS}; x="; dkim=pass header.d=example.com; {DMARC}"\r\n',
    "results in a nested comment": f"Authentication-Results: {OURS}; none (a (b) dkim=pass header.d=example.com)\r\n",
    "results before the id": f"Authentication-Results: dkim=pass header.d=example.com; {OURS}\r\n",
    "no semicolon": GOOD.replace(OURS + ";", OURS) + EDGE,
    "a comma for a semicolon": GOOD.replace(OURS + ";", OURS + ",") + EDGE,
    "another field's name": GOOD.replace("Authentication", "ARC-Authentication") + EDGE,
    "Microsoft's name for a foreign one": GOOD.replace("Results", "Results-Original") + EDGE,
    "a name with a prefix": "X-" + GOOD + EDGE,
    "a name with a blank inside": GOOD.replace("Authentication-", "Authentication- ") + EDGE,
    "a name with an underscore": GOOD.replace("Authentication-", "Authentication_") + EDGE,
    "folded into another field": EDGE + "X-Note: a\r\n " + GOOD,
    "folded into ours": NOTHING.replace("none\r\n", "none\r\n\t" + GOOD) + EDGE,
    "in the body": EDGE + f"From: kim@example.com\r\n\r\n{GOOD}",
    "a bare carriage return before it": NOTHING + EDGE + f"X-Note: a\r{GOOD}",
    "a bare line feed before it": NOTHING + EDGE + f"X-Note: a\n{GOOD}",
    "a form feed before it": EDGE + OLDER + f"X-Note: a\f{GOOD}",
    "Received-SPF": EDGE + "Received-SPF: pass (mx.desk.example: domain of kim@example.com)\r\n",
    "the word of the configuration as an id": GOOD.replace(OURS, "microsoft") + EDGE,
    "an empty id": GOOD.replace(OURS, "") + EDGE,
    "an empty quotation for an id": GOOD.replace(OURS, '""') + EDGE,
}


@pytest.mark.parametrize("name", FORGED)
def test_a_field_that_is_not_certainly_ours_proves_nothing(name: str) -> None:
    assert judged(FORGED[name]).result != "pass"


def test_there_are_sixty_ways_to_forge_it() -> None:
    assert len(FORGED) >= 60


@pytest.mark.parametrize(
    ("hops", "header", "result"),
    [
        (0, GOOD + EDGE, "pass"),
        (0, EDGE + GOOD, "none"),
        (2, EDGE + EDGE + GOOD + OLDER, "pass"),
        (2, EDGE + EDGE + OLDER + GOOD, "none"),
    ],
)
def test_it_stands_below_as_many_received_as_the_configuration_says(hops: int, header: str, result: str) -> None:
    assert judged(header, Trust(ids=frozenset({OURS}), hops=hops)).result == result


def test_too_many_received_are_told_so_that_the_setting_can_be_made_right() -> None:
    assert judged(EDGE + OLDER + GOOD).why == (
        "the results of mx.desk.example stand below 2 Received fields, and hops = 1 allows 1",
    )


def test_whom_nobody_named_is_not_asked() -> None:
    got = judged(GOOD + EDGE, Trust())
    assert (got.result, got.why) == ("none", ())


EXCHANGE_GOOD = (
    "Authentication-Results: spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=example.com; desk.example;"
    " dkim=pass (signature was verified) header.d=example.com;desk.example;dmarc=pass action=none"
    " header.from=example.com;compauth=pass reason=100\r\n"
)
EXCHANGE_BAD = (
    "Authentication-Results: spf=fail (sender IP is 192.0.2.1) smtp.mailfrom=evil.example;"
    " dkim=none (message not signed) header.d=none;dmarc=fail action=oreject"
    " header.from=example.com;compauth=none reason=451\r\n"
)


@pytest.mark.parametrize(
    ("header", "verdict"),
    [
        (EDGE * 3 + EXCHANGE_GOOD + EDGE, "pass dmarc exact"),
        (EDGE * 3 + EXCHANGE_BAD + EDGE, "fail"),
        (EDGE * 3 + EXCHANGE_BAD + EDGE + EXCHANGE_GOOD, "fail"),
        (EDGE * 4 + EXCHANGE_GOOD, "none"),
        (EDGE * 3 + GOOD + EDGE, "none"),
        (EDGE * 3 + GOOD.replace(OURS, "microsoft") + EDGE, "none"),
        (EDGE * 3 + "Authentication-Results: (\r\n" + EXCHANGE_GOOD + EDGE, "none"),
    ],
)
def test_microsoft_writes_no_id_and_is_believed_when_the_configuration_says_so(header: str, verdict: str) -> None:
    assert short(judged(header, EXCHANGE)) == verdict


@pytest.mark.parametrize(
    "unit", ["(", ")", '"', ";", "=", "a=", "\\", "(\\", "a=b;", "dkim=pass header.d=example.com; ", " ", '"a"=']
)
@pytest.mark.parametrize("many", [1_000, 4_000, 16_000, 60_000])
@pytest.mark.processor(2)
@pytest.mark.timeout(60)
def test_hostile_fields_are_read_in_time(unit: str, many: int) -> None:
    text = (unit * many)[:60_000]
    header = "".join(f"Authentication-Results: {OURS};{text}\r\n" for _ in range(4))
    assert judged(header + EDGE).result != "fail"
