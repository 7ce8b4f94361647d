"""Reading Authentication-Results as mail systems write it, and refusing what cannot be read for certain."""

from __future__ import annotations

import pytest

from maild.mail.authentication_results import MOST_RESULTS, read_authentication_results

GOOGLE = (
    "mx.example.net;       dkim=pass header.i=@example.com header.s=s1 header.b=ab/C+d=;       spf=pass"
    " (mx.example.net: domain of kim@example.com designates 192.0.2.1 as permitted sender)"
    " smtp.mailfrom=kim@example.com;       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=example.com"
)
MICROSOFT = (
    "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=example.com; desk.example.net; dkim=pass (signature was"
    " verified) header.d=example.com;desk.example.net;dmarc=pass action=none header.from=example.com;"
    "compauth=pass reason=100"
)
RSPAMD = (
    "mx.example.net; dkim=pass header.d=example.com header.s=s1 header.b=Ab1;"
    ' dmarc=fail reason="SPF not aligned (relaxed); no valid DKIM" header.from=example.org (policy=reject)'
)


@pytest.mark.parametrize(
    ("value", "authserv_id", "results"),
    [
        (GOOGLE, "mx.example.net", ["dkim=pass", "spf=pass", "dmarc=pass"]),
        (MICROSOFT, "", ["spf=pass", "dkim=pass", "dmarc=pass", "compauth=pass"]),
        (RSPAMD, "mx.example.net", ["dkim=pass", "dmarc=fail"]),
        ("MX.Example.NET 1; dkim=PASS", "mx.example.net", ["dkim=pass"]),
        ("mx.example.net; none", "mx.example.net", []),
        ("mx.example.net;", "mx.example.net", []),
        ("mx.example.net", "mx.example.net", []),
        ("mx.example.net 1 ; none (nothing asked)", "mx.example.net", []),
        (' (a (b \\) c)) "mx.example.net" (d) 1 (e) ; dkim/1 = pass', "mx.example.net", ["dkim=pass"]),
        ("mx.example.net/1; dkim=pass", "mx.example.net/1", ["dkim=pass"]),
        ("dkim=pass header.d=example.com", "", ["dkim=pass"]),
    ],
)
def test_who_found_what(value: str, authserv_id: str, results: list[str]) -> None:
    read = read_authentication_results(value)
    assert read.authserv_id == authserv_id
    assert [f"{each.method}={each.result}" for each in read.results] == results


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("smtp.mailfrom=kim@example.com", "kim@example.com"),
        ("smtp.mailfrom=prvs=12ab=kim@example.com", "prvs=12ab=kim@example.com"),
        ('smtp.mailfrom="kim; dmarc=pass header.from=example.com"@evil.example', None),
        ('smtp.mailfrom="a \\" b"@example.com', 'a " b@example.com'),
        ("smtp.mailfrom=<>", "<>"),
        ("smtp.mailfrom= smtp.helo=mail.example.com", ""),
        ("smtp.mailfrom = kim@example.com", "kim@example.com"),
        ("smtp.mailfrom=(who?) kim@example.com", "kim@example.com"),
        ("SMTP.MailFrom=Kim@Example.com", "Kim@Example.com"),
    ],
)
def test_the_value_of_a_property(written: str, value: str | None) -> None:
    read = read_authentication_results(f"mx.example.net; spf=pass {written}; dkim=none")
    assert [each.method for each in read.results] == ["spf", "dkim"], read
    assert read.results[0].values("smtp.mailfrom") == (
        ("kim; dmarc=pass header.from=example.com@evil.example",) if value is None else (value,)
    )


@pytest.mark.parametrize(
    "rest",
    [
        "; dkim=pass (no end header.d=example.com",
        '; dkim=pass reason="no end header.d=example.com',
        "; dkim=pass header.d=example.com)",
        "; none and more; dkim=pass",
        "; hello; dkim=pass",
        "; dkim=pass and more header.d=example.com",
        '; "dkim"=pass',
        "; =pass",
        " 2; dkim=pass header.d=example.com",
        "  from=example.com; dkim=pass (ok)",
        " (a comment; dkim=pass header.d=example.com",
        "; dkim=pass header.d=example.com" + " " * 4096,
        "; dkim=pass" * (MOST_RESULTS + 1),
    ],
)
def test_what_cannot_be_read_for_certain_keeps_its_id_and_gives_no_results(rest: str) -> None:
    read = read_authentication_results(f"mx.example.net{rest}")
    assert read.trouble
    assert read.authserv_id == "mx.example.net"
    assert read.results == ()


@pytest.mark.parametrize("value", ["", "(", '"', ";", "=", "=?utf-8?q?mx.example.net=3B_dkim=3Dpass?=", "\udcff"])
def test_a_field_without_sense_has_neither(value: str) -> None:
    read = read_authentication_results(value)
    assert read.results == ()
    assert read.authserv_id in {"", "\udcff"}


def test_a_comment_belongs_to_its_own_result() -> None:
    read = read_authentication_results(GOOGLE)
    assert [each.comments for each in read.results][0::2] == [(), ("p=REJECT sp=REJECT dis=NONE",)]
