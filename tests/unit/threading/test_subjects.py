"""Subjects without what mail programs add, and the tags of ticket systems: one line a case."""

from __future__ import annotations

import pytest

from maild.threading.subjects import base_subject, others_tags, subject_tags


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        ("Re: It broke", "it broke"),
        ("RE : It  broke", "it broke"),
        ("AW: WG: It broke", "it broke"),
        ("Re[2]: It broke", "it broke"),
        ("Re: Re: SV: VS: Antw.: R: It broke", "it broke"),
        ("[users] Re: It broke", "it broke"),
        ("Re: [users] It broke", "it broke"),
        ("Re: It broke [#42]", "it broke"),
        ("Re: [#42] It broke", "it broke"),
        ("Re: It broke (was: All is well)", "it broke"),
        ("回复：坏了", "坏了"),
        ("Ответ: Сломалось", "сломалось"),
        ("YNT: Bozuldu", "bozuldu"),
        ("Odp: Zepsuło się", "zepsuło się"),
        ("Re: [ABC-123] It broke", "[abc-123] it broke"),  # another ticket of theirs is another matter
    ],
)
def test_a_reply_has_the_base_subject_of_what_it_answers(subject: str, base: str) -> None:
    found = base_subject(subject, "#")
    assert (found.words, found.is_reply) == (base, True)


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        ("It broke", "it broke"),
        ("Fwd: It broke", "it broke"),
        ("WG: It broke", "it broke"),
        ("Research: it broke", "research: it broke"),
        ("Ref: 4711", "ref: 4711"),
        ("Response to you", "response to you"),
        ("[users]", "[users]"),
        ("", ""),
    ],
)
def test_what_is_no_reply(subject: str, base: str) -> None:
    found = base_subject(subject, "#")
    assert (found.words, found.is_reply) == (base, False)


@pytest.mark.parametrize(
    ("subject", "tag", "numbers"),
    [
        ("Re: [#42] broken", "#", [42]),
        ("Re: [#42] [#43]", "#", [42, 43]),
        ("#42", "#", []),  # without brackets it is just a number
        ("[ACME-42]", "ACME-", [42]),
        ("[#42]", "ACME-", []),
        ("[#" + "9" * 40 + "]", "#", []),  # no ticket has such a number
    ],
)
def test_our_tags(subject: str, tag: str, numbers: list[int]) -> None:
    assert subject_tags(subject, tag) == numbers


@pytest.mark.parametrize(
    ("subject", "tags"),
    [
        ("[ABC-123] It broke", ["abc-123"]),
        ("It broke [Ticket#2026031700018]", ["ticket#2026031700018"]),
        ("It broke (Case 00123456)", ["case 00123456"]),
        ("INC0012345 was opened for you", ["inc0012345"]),
        ("It broke ref:_00D1a._5001b:ref", ["ref:_00d1a._5001b:ref"]),
        ("[123456]", ["123456"]),
        ("It broke [#42]", []),  # ours
        ("[PATCH 1/2] [v1.2] [2026] (2026) [users]", []),
        ("", []),
    ],
)
def test_the_tags_of_other_systems(subject: str, tags: list[str]) -> None:
    assert others_tags(subject, "#") == tags
