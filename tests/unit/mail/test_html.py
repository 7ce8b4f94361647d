"""HTML laid out as text: what is shown, and what browsers hide."""

from __future__ import annotations

import pytest

from maild.mail.html import html_text


@pytest.mark.parametrize(
    "html",
    [
        '<p>shown</p><div style="display:none">hidden</div>',
        "<p>shown</p><div hidden>hidden</div>",
        '<p>shown</p><span style="visibility: hidden">hidden</span>',
        '<p>shown</p><span style="color:#fff;font-size:0px;line-height:0">hidden</span>',
        '<p>shown</p><p style="opacity:0.0">hidden</p>',
    ],
)
def test_what_browsers_hide_is_not_shown(html: str) -> None:
    assert html_text(html) == "shown"


@pytest.mark.parametrize(
    "html",
    [
        '<div style="font-size:0"><span style="font-size:14px">shown</span></div>',  # newsletters, against gaps
        '<p style="font-size:0.9em">shown</p>',
        '<p style="opacity:0.5">shown</p>',
        '<p style="display:block">shown</p>',
        '<i style="display:none">x</i>shown',
    ],
)
def test_what_browsers_show_is_shown(html: str) -> None:
    assert html_text(html) == "shown"


def test_what_is_hidden_and_never_closed_is_shown() -> None:
    page = "<div>" * 300 + "a<style>x</style>b<SCRIPT a=b>c</scRipt >d<title>e<template>f</title>g<template>h"
    assert html_text(page) == "abdgh"


def test_words_behind_tags_that_are_closed_in_a_wrong_order_are_not_lost() -> None:
    """Of more than 250 open ones libxml2 leaves out all that follows."""
    assert html_text("Hello <div></span>" * 300 + "the end").endswith("the end")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<html><body><p>Hello</p></body></html>\n<p>The invoice is 4711.</p>", "Hello\n\nThe invoice is 4711."),
        ("<html><body>Hello</body></html><html><head><title>x</title></head><p>Bye</html>", "Hello\n\nBye"),
        ("<html><body>Hello</BODY ><head><title>x</title></head> you</html>", "Hello you"),
        ("<html><body><div>Hello</body x=1> you</div></html/><p>there", "Hello you\n\nthere"),
        ("<html><body><body-x hidden>x</body-x>Hello</body></html>", "Hello"),
    ],
)
def test_what_stands_behind_the_end_of_a_document_is_shown(html: str, text: str) -> None:
    assert html_text(html) == text
