"""Quoted words are known again however they were wrapped, and other words are not."""

from __future__ import annotations

import textwrap

from maild.threading.quotes import ENOUGH, fingerprint, quoted_runs

SENT = """\
Dear Kim, thank you for the photos. The hinge of the left door is bent, which happens when the
cabinet was moved without its rail. We will send you a new hinge on Monday; you only need a screwdriver
of size two. Please keep the old hinge until our driver has been there."""


def known_again(quoted: str) -> bool:
    return len(set(quoted_runs(quoted)) & set(fingerprint(SENT))) >= ENOUGH


def test_a_quote_is_known_again_wrapped_marked_and_shortened() -> None:
    assert known_again(SENT)
    assert known_again("\n".join(f"> {line}" for line in textwrap.wrap(SENT, 40)))
    assert known_again("\n".join(f">>> {line}" for line in textwrap.wrap(SENT.upper(), 60)))
    assert known_again("On Monday, Support wrote:\n" + SENT + "\n-- \nAnna\nExample Ltd\n> My first mail")


def test_other_words_are_not() -> None:
    assert not known_again("Dear Kim, thank you for the photos. The drawer is on its way and will be there soon.")
    assert not known_again("")


def test_a_text_of_a_few_words_stands_for_nothing() -> None:
    assert fingerprint("Thank you, it works now") == ()
