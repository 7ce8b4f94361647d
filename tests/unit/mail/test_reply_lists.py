"""Answers as people write them on technical lists: code, logs and quotes of every style in one mail.

`answers.txt` holds the mails: "== " begins one with its name, "+ " marks the writer's own lines and "- " what
is to be cut. A name that ends with "(new)" is of a mail that answers none.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from maild.mail import Mail, reply_text

_TEXT = Path(__file__).with_name("answers.txt").read_text("utf-8")
ANSWERS = [each.partition("\n")[::2] for each in _TEXT.removeprefix("== ").split("\n== ")]


@pytest.mark.parametrize(("name", "block"), ANSWERS, ids=[name for name, _ in ANSWERS])
def test_answers(name: str, block: str) -> None:
    lines = block.split("\n")
    mail = Mail(text="\n".join(line[2:] for line in lines), in_reply_to=() if name.endswith("(new)") else ("1@x",))
    own = [line[2:].rstrip() for line in lines if line.startswith("+ ")]
    assert [line.rstrip() for line in reply_text(mail).text.split("\n") if line.strip()] == own
