"""The writer's own part of an HTML mail: all that was written, and nothing else, or nothing at all."""

from __future__ import annotations

import pytest

from maild.mail.own_html import own_html

QUOTE = (
    '<div class="gmail_quote"><div class="gmail_attr">On Monday Kim wrote:</div><blockquote>Secret</blockquote></div>'
)


def is_command(line: str) -> bool:
    return line.strip().startswith("#")


@pytest.mark.parametrize(
    ("html", "words", "shows"),
    [
        (f"<p>It is <b>very</b> late.</p>{QUOTE}", "It is very late.", "<p>It is <b>very</b> late.</p>"),
        (f"<ul><li>one</li><li>two</li></ul>{QUOTE}", "* one\n* two", "<ul><li>one</li><li>two</li></ul>"),
        (f"<div>#hold x</div><div><b>Hello</b></div>{QUOTE}", "Hello", "<div><b>Hello</b></div>"),
        (f"<div><b>Hello</b></div><div>#hold <i>x</i></div>{QUOTE}", "Hello", "<div><b>Hello</b></div>"),
        (f"#hold x<br>#tag y<br><b>Hello</b>{QUOTE}", "Hello", "<b>Hello</b>"),
        (f"<div><b>Hello</b><br>#hold x<br></div>{QUOTE}", "Hello", "<div><b>Hello</b><br></div>"),
        (
            f'<p>See <a href="https://a.example/b">here</a>.</p>{QUOTE}',
            "See here <https://a.example/b>.",
            '<p>See <a href="https://a.example/b">here</a>.</p>',
        ),
        ('<p>So:</p><p><img src="cid:a@b"></p>', "So:\n[image: a.png]", '<p>So:</p><p><img src="cid:a@b"></p>'),
        (
            '<p><b>Hello</b></p><div id="ms-outlook-mobile-signature">Get Outlook</div>',
            "Hello",
            "<p><b>Hello</b></p>",
        ),
    ],
)
def test_what_was_written_is_shown_as_it_was_written(html: str, words: str, shows: str) -> None:
    found = own_html(f"<html><body>{html}</body></html>", words, is_command)
    assert found.replace("<div></div>", "") == shows


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p><b>Hello</b></p><p>Words that the text has not</p>", "Hello"),
        ("<p><b>Hello</b></p>", "Hello and more"),
        ("<p><b>Hello</b></p><p>Kim wrote:</p><p>Secret</p>", "Hello"),  # a quote that nothing marks
        ("<p><b>Hello</b> #hold x</p>", "Hello"),
        (f"<div>#hold he never<b> pays</b><br>Hello</div>{QUOTE}", "Hello"),
        ("<p>Hello</p>", "Hello"),  # no more than text says
        ("", "Hello"),
        ("<div>" * 500 + "<b>Hello</b>", "Hello"),
    ],
)
def test_what_is_not_certain_is_left_out(html: str, words: str) -> None:
    assert own_html(html, words, is_command) == ""


def test_an_attribute_that_nobody_sees_is_left_out_when_it_is_long() -> None:
    """libxml2 takes seconds to write 128 KiB of "<" (fuzzing, seed 43); a picture may be as long."""
    picture = f"data:image/png;base64,{'A' * 10_000}"
    html = f'<p>Please <b>oil</b> it.</p><img src="{picture}" alt="{"<!--" * 2000}" title="The pump">'
    found = own_html(f"<html><body>{html}</body></html>", "Please oil it.", lambda _line: False)
    assert picture in found
    assert ("alt" in found, 'title="The pump"' in found) == (False, True)
