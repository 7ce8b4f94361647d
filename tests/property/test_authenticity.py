"""Laws of authenticity: only a trusted mail system's own field proves anything, whatever else is written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from maild.mail.authentication_results import read_authentication_results
from maild.mail.authenticity import Method, Proof, Trust, authenticity

OURS = "mx.desk.example"
TRUST = Trust(ids=frozenset({OURS}))
PIECES = st.sampled_from([
    *("Authentication-Results:", "Received:", "From:", "From: kim@example.com", "X:", "\r\n", "\n", "\r", "\t", " "),
    *("mx.desk.example.", "xmx.desk.example", "mx.desk", ".example", "mx.evil.example", ";", "=", "/", "1", "none"),
    *("(", ")", '"', "\\", "dkim=pass", "spf=pass", "dmarc=pass", "dmarc=fail", "header.d=example.com"),
    *("header.from=example.com", "smtp.mailfrom=kim@example.com", "header.i=@example.com", "\0", "ü", "=?utf-8?q?"),
])  # fmt: skip
anything = st.lists(PIECES | st.text(max_size=5), max_size=40).map("".join)


def mail(header: str) -> bytes:
    return f"{header}\r\nFrom: Kim <kim@example.com>\r\n\r\nHello\r\n".encode("utf-8", "surrogatepass")


@given(anything)
def test_nothing_without_our_id_ever_passes_or_fails(header: str) -> None:
    text = header.replace(OURS, "mx.evil.example")
    assert authenticity(mail(text), TRUST).result is Proof.NONE or OURS in text


@given(anything)
def test_what_stands_below_our_field_changes_nothing_for_the_better(header: str) -> None:
    ours = f"Authentication-Results: {OURS}; dkim=none; dmarc=none\r\nReceived: by {OURS}\r\nX-End: x\r\n"
    assert authenticity(mail(ours + header), TRUST).result is Proof.NONE


@given(anything)
def test_a_failure_that_we_found_stays_one(header: str) -> None:
    ours = f"Authentication-Results: {OURS}; dmarc=fail header.from=example.com\r\nX-End: x\r\n"
    assert authenticity(mail(ours + header), TRUST).result is Proof.FAIL


@given(anything)
def test_a_verdict_is_complete_and_is_only_the_strong_one_with_a_method(results: str) -> None:
    got = authenticity(mail(f"Authentication-Results: {OURS}; {results}\r\nX-End: x"), TRUST)
    assert got.why
    assert all(line.isprintable() and len(line) < 500 for line in got.why)
    assert (got.result is Proof.PASS) == (got.method is not Method.NOTHING)
    assert got.exact <= (got.result is Proof.PASS)
    assert got.proves_agent <= got.exact


@given(st.text(max_size=300) | anything)
def test_reading_never_raises_and_trouble_has_no_results(value: str) -> None:
    read = read_authentication_results(value)
    assert not (read.trouble and read.results)
