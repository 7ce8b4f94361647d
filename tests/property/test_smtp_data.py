"""The dot law: whatever is sent comes out again, however the wire cuts it."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from maild.intake.smtp_data import DotStream

# Bytes that matter come often; everything else is only filling.
mails = st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b".", b"\r\n.", b"\0", b"x", b"MAIL FROM:<a@b>"])).map(
    b"".join
)
cuts = st.lists(st.integers(0, 200))


def stuffed(mail: bytes) -> bytes:
    """As an honest client sends it (RFC 5321 §4.5.2): its last line is ended, its line dots doubled."""
    wire = (b"\r\n" + mail).replace(b"\r\n.", b"\r\n..")[2:]
    return wire + b".\r\n"


def received(wire: bytes, cuts: list[int]) -> tuple[bytes, bytes | None]:
    places = sorted({cut % (len(wire) + 1) for cut in cuts} | {0, len(wire)})
    stream, content, rest = DotStream(), b"", None
    for begin, end in pairwise(places):
        if rest is None:
            more, rest = stream.feed(wire[begin:end])
            content += more
        else:
            rest += wire[begin:end]
    return content, rest


@given(mails, cuts, st.binary(max_size=20))
@example(b"", [1, 2], b"")
@example(b".\r\n", [1, 2, 3, 4], b"\r\n.\r\n")
def test_what_was_sent_is_what_comes_out(mail: bytes, cuts: list[int], pipelined: bytes) -> None:
    whole = mail if mail == b"" or mail.endswith(b"\r\n") else mail + b"\r\n"
    assert received(stuffed(whole) + pipelined, cuts) == (whole, pipelined)


@given(mails, cuts)
def test_cutting_changes_nothing_for_any_bytes(wire: bytes, cuts: list[int]) -> None:
    whole, rest = received(wire, [])
    pieces, rest_of_pieces = received(wire, cuts)
    assert rest == rest_of_pieces
    if rest is not None:
        assert pieces == whole


@given(mails, cuts)
def test_at_most_four_bytes_are_held_back(wire: bytes, cuts: list[int]) -> None:
    stream = DotStream()
    for cut in cuts:
        if stream.feed(wire[: cut % 50])[1] is not None:
            return
        assert len(stream._held) <= 4
