"""Laws of attachment names: whatever a sender writes, the name is safe to show, to store and to offer."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from maild.mail import attachment_bytes, read_mail
from maild.mail.filenames import LENGTH_LIMIT, name_for, safe_name

HARD = [
    *("../", "..\\", "/etc/passwd", "C:\\", "\\\\host\\share\\", "\0", "\r\nBcc: v@x", "\x1b[2J", "\u202e", "\u2066"),
    *("CON", "nul.txt", "com1", "COM\u00b9", "lpt9.", "aux:", ".", "..", " ", "~", "-rf", ".htaccess", "\u200b"),
    *("\ud800", "e\u0301", "\ufeff", "\u2028", "\xad", "Größe", "見積.pdf", "😀", "x" * 200, ".tar.gz", ".exe"),
]
written = st.lists(st.sampled_from(HARD) | st.text(max_size=20), max_size=12).map("".join)
DEVICE = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])\s*([.:]|$)")
BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def faults(name: str) -> list[str]:
    """What is unsafe about a name."""
    checks = {
        "has a path": "/" in name or "\\" in name,
        "has a control": any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in name),
        "can change direction": any(unicodedata.bidirectional(c) in BIDI for c in name),
        "is hidden": name.startswith("."),
        "ends so that Windows changes it": name.endswith((".", " ")),
        "is a device": DEVICE.match(name) is not None,
        "is too long": len(name) > LENGTH_LIMIT,
        "is not normal": unicodedata.normalize("NFC", name) != name,
    }
    return [what for what, bad in checks.items() if bad]


@given(written)
@example("x" * 10_000)
@example("x" * 119 + ". y")
@example("a" * 115 + " .pdf")
@example("\u202egpj.exe")
def test_a_safe_name_is_safe_and_stays_as_it_is(name: str) -> None:
    safe = safe_name(name)
    assert faults(safe) == []
    assert safe_name(safe) == safe


@given(written, st.sampled_from(["image/png", "application/x-unknown", "message/rfc822"]))
def test_a_part_without_a_name_gets_a_safe_one(title: str, kind: str) -> None:
    name = name_for(kind, "2.1", title)
    assert name != ""
    assert faults(name) == []


@given(st.lists(written, min_size=1, max_size=5))
def test_every_file_of_a_mail_is_there_under_a_safe_name_of_its_own_place(names: list[str]) -> None:
    """Equal names do no harm: a file is found by its place and its content, never by its name."""
    parts = [
        b'--b\r\nContent-Type: application/x-any\r\nContent-Disposition: attachment; filename="%s"\r\n\r\n%d\r\n'
        % (name.translate(dict.fromkeys(map(ord, '\r\n"\\'))).encode("utf-8", "replace"), number)
        for number, name in enumerate(names)
    ]
    raw = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"".join(parts) + b"--b--\r\n"
    found = read_mail(raw).attachments
    assert [attachment_bytes(raw, file.part) for file in found] == [b"%d" % number for number in range(len(names))]
    assert len({file.part for file in found}) == len(names)
    for file in found:
        assert file.name != ""
        assert faults(file.name) == []
