"""The parts of a mail, well and badly built."""

from __future__ import annotations

from maild.mail.findings import Findings
from maild.mail.parts import leaves, read_parts


def places(raw: bytes) -> list[tuple[str, str, bytes]]:
    """Number, type and still encoded body of every leaf."""
    top = read_parts(raw, Findings())
    return [(part.number, part.content_type, raw[part.start : part.end]) for part in leaves(top)]


def multipart(boundary: str, *parts: str, subtype: str = "mixed", end: str = "--") -> str:
    body = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f'Content-Type: multipart/{subtype}; boundary="{boundary}"\n\npreamble\n{body}--{boundary}{end}\nepilogue\n'


def test_a_mail_of_one_part() -> None:
    assert places(b"A: b\n\ntext") == [("1", "text/plain", b"text")]


def test_numbers_follow_the_nesting() -> None:
    inner = multipart("in", "\nplain", "Content-Type: text/html\n\n<p>", subtype="alternative")
    raw = multipart("out", inner, "Content-Type: image/png\n\nPNG").encode()
    assert places(raw) == [
        ("1.1", "text/plain", b"plain"),
        ("1.2", "text/html", b"<p>"),
        ("2", "image/png", b"PNG"),
    ]


def test_an_attached_mail_is_one_part() -> None:
    raw = multipart("x", "Content-Type: message/rfc822\n\n" + multipart("y", "\ninner")).encode()
    assert [(number, kind) for number, kind, _ in places(raw)] == [("1", "message/rfc822")]


def test_a_digest_holds_mails() -> None:
    assert places(multipart("x", "\nSubject: a\n\nb", subtype="digest").encode())[0][1] == "message/rfc822"


def test_a_longer_boundary_is_another_boundary() -> None:
    raw = multipart("ab", "\none\n--abc\nstill one", "\ntwo").encode()
    assert [body for _, _, body in places(raw)] == [b"one\n--abc\nstill one", b"two"]


def test_a_boundary_inside_a_line_is_text() -> None:
    assert places(multipart("x", "\nsee --x\nhere").encode()) == [("1", "text/plain", b"see --x\nhere")]


def test_an_inner_multipart_that_never_ends_ends_with_the_outer() -> None:
    inner = 'Content-Type: multipart/mixed; boundary="in"\n\n--in\n\none'
    assert [body for _, _, body in places(multipart("out", inner, "\ntwo").encode())] == [b"one", b"two"]


def test_a_mail_that_breaks_off_keeps_its_last_part() -> None:
    findings = Findings()
    raw = b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\none\n--x\n\ntw"
    assert raw[read_parts(raw, findings).children[1].start :] == b"tw"
    assert "a multipart is not closed" in findings.defects


def test_a_missing_boundary_is_guessed() -> None:
    raw = b"Content-Type: multipart/mixed\n\n--=_1\n\none\n--=_1\n\ntwo\n--=_1--\n"
    assert [body for _, _, body in places(raw)] == [b"one", b"two"]


def test_a_multipart_without_parts_is_one_leaf() -> None:
    assert len(places(b"Content-Type: multipart/mixed; boundary=x\n\njust text")) == 1


def test_a_type_that_is_none_is_text() -> None:
    assert places(b"Content-Type: nonsense\n\nx")[0][1] == "text/plain"


def nested(depth: int) -> bytes:
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth))


def test_depth_has_a_limit() -> None:
    findings = Findings()
    read_parts(nested(50) + b"\nx", findings)
    assert not findings.over_limit
    read_parts(nested(51) + b"\nx", findings)
    assert "deeper than 50" in findings.over_limit


def test_number_of_parts_has_a_limit() -> None:
    findings = Findings()
    read_parts(multipart("x", *["\na"] * 1000).encode(), findings)
    assert not findings.over_limit
    top = read_parts(multipart("x", *["\na"] * 1001).encode(), findings)
    assert len(top.children) == 1000
    assert "more than 1000 parts" in findings.over_limit
