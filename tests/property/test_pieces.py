"""A mail whose files were taken out comes back as it was, byte for byte."""

from __future__ import annotations

import hashlib
import os
import time
import tracemalloc
from base64 import b64encode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from maild.mail import attachment_bytes, read_mail
from maild.mail.pieces import SMALLEST, Cut, cut_out, put_together
from maild.testing.mails import new_mail

contents = st.binary(min_size=0, max_size=300)
widths = st.sampled_from([4, 19, 60, 64, 72, 76, 78, 1000])
line_ends = st.sampled_from([b"\r\n", b"\n", b"\r", b"\r\r\n", b" \r\n"])
between = st.sampled_from([b"", b"\r\n", b"\n", b"\r\n\r\n", b" \t\r\n", b"x"])


def together(cut: Cut) -> bytes:
    return put_together(cut.rest, cut.pieces, cut.contents)


def lines(content: bytes, width: int, line_end: bytes) -> bytes:
    text = b64encode(content)
    return line_end.join(text[at : at + width] for at in range(0, len(text), width))


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Base64 as programs write it, or nearly so, or nothing like it."""
    good = lines(draw(contents), draw(widths), draw(line_ends))
    at = draw(st.integers(0, len(good)))
    slip = draw(st.sampled_from([b"", b"", b"", b"=", b"\r\n", b"!", b" ", b"A", b"AAAA"]))
    return draw(st.sampled_from([good[:at] + slip + good[at:], draw(st.binary(max_size=100))]))


@st.composite
def mails(draw: st.DrawFn) -> bytes:
    line_end = draw(st.sampled_from([b"\r\n", b"\n"]))
    parts = draw(st.lists(st.tuples(between, bodies(), between), max_size=4))
    head = line_end.join([b"Content-Type: multipart/mixed; boundary=b", b"", b"before", b""])
    part_head = line_end.join([b"--b", b"Content-Transfer-Encoding: base64", b"", b""])
    inside = b"".join(part_head + before + body + after + line_end for before, body, after in parts)
    return head + inside + draw(st.sampled_from([b"--b--" + line_end + b"after", b"--b--", b""]))


@given(mails() | st.binary(max_size=500), st.sampled_from([1, 10, 100]))
@example(b"Content-Transfer-Encoding: base64\r\n\r\n" + b64encode(b"x" * 100), 10)
@example(b"", 1)
def test_whatever_is_taken_out_comes_back(raw: bytes, smallest: int) -> None:
    cut = cut_out(raw, smallest)
    assert together(cut) == raw
    for digest, content in cut.contents.items():
        assert hashlib.sha256(content).hexdigest() == digest
        assert len(content) >= smallest


@given(contents.filter(lambda c: len(c) > 9), widths, st.sampled_from([b"\r\n", b"\n"]))
def test_base64_in_equal_lines_is_taken_out(content: bytes, width: int, line_end: bytes) -> None:
    head = line_end.join([b"Content-Transfer-Encoding: base64", b"", b""])
    cut = cut_out(head + lines(content, width, line_end) + line_end, 10)
    assert list(cut.contents.values()) == [content]
    assert cut.rest == head + line_end


def test_the_content_is_the_attachments_own() -> None:
    picture = bytes(range(256)) * 64
    raw = new_mail("Look", files=[("a.png", "image/png", picture), ("b.png", "image/png", picture + b"!")])
    cut = cut_out(raw)
    assert [p.sha256 for p in cut.pieces] == [file.sha256 for file in read_mail(raw).attachments]
    assert [cut.contents[p.sha256] for p in cut.pieces] == [
        attachment_bytes(raw, file.part) for file in read_mail(raw).attachments
    ]
    assert len(cut.rest) < 2000
    assert together(cut) == raw


@pytest.mark.parametrize(
    "content", [b"x" * (SMALLEST - 1), b"x" * 100], ids=["just below the limit", "a small picture"]
)
def test_small_files_stay_where_they_are(content: bytes) -> None:
    raw = new_mail("Look", files=[("a.bin", "application/octet-stream", content)])
    assert cut_out(raw) == Cut(rest=raw, pieces=(), contents={})


HOSTILE = {
    "one endless line": b"A" * 1024,
    "lines of one character": b"A\n" * 512,
    "only line ends": b"\r\n" * 512,
    "only padding": b"=" * 1024,
    "boundaries": b"--b\r\n\r\nAAAA\r\n" * 70,
    "blanks": b" " * 1024,
    "carriage returns": b"\r" * 1024,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_time_is_linear_in_the_size(name: str) -> None:
    head = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    for times in (64, 256, 1024):  # the last one is 1 MiB
        raw = head + HOSTILE[name] * times
        begun = time.process_time()
        cut = cut_out(raw)
        assert time.process_time() - begun < 0.5 * max(1, times / 1024)
        assert together(cut) == raw


def test_taking_a_large_file_out_needs_little_more_memory_than_the_mail() -> None:
    raw = b"Content-Transfer-Encoding: base64\r\n\r\n" + lines(os.urandom(1 << 20), 76, b"\r\n")
    tracemalloc.start()
    cut = cut_out(raw)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(cut.pieces) == 1
    assert most < 3.5 * len(raw)  # two copies of the text and the content, not each line by itself
