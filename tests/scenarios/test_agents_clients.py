"""An agent's mail from every big client: the answer goes out without the quote, commands are done."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

import pytest

from maild.testing.clients import CLIENTS, Client
from maild.testing.conversation import Conversation
from maild.testing.mails import new_mail
from maild.testing.sink import Posted

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # decisions, not storage

KIM, ANNA = "kim@customer.example", "anna@staff.example"
each_client = pytest.mark.parametrize("client", CLIENTS.values(), ids=[*CLIENTS])


@each_client
def test_words_are_sent_without_what_they_quote(talk: Conversation, client: Client) -> None:
    talk.receive(new_mail("The belt is torn."))
    talk.receive(client(talk.letters(ANNA)[-1], "We send a new belt today.\n\nIt comes on Friday."))
    answer = talk.letters(KIM)[-1]
    assert "We send a new belt today.\r\n\r\nIt comes on Friday.\r\n" in answer.text
    assert answer.text.count("##-") == 1  # our own
    assert "Outlook for iOS" not in answer.everything
    assert "iPhone" not in answer.everything
    assert talk.ticket(1).status == "responded"


@each_client
@pytest.mark.parametrize("words", ["#hold parts\n#tag +belt\n\nHello Kim", "Hello Kim\n\n#hold parts\n#tag +belt"])
def test_commands_at_the_top_or_the_bottom_are_done(talk: Conversation, client: Client, words: str) -> None:
    talk.receive(new_mail("The belt is torn."))
    talk.receive(client(talk.letters(ANNA)[-1], words))
    ticket = talk.ticket(1)
    assert (ticket.status, ticket.hold_reason, ticket.tags) == ("on_hold", "parts", "belt")
    answer = talk.letters(KIM)[-1]
    assert "Hello Kim" in answer.text
    assert "#hold" not in answer.everything
    assert "#tag" not in answer.everything


def html_of(letter: Posted) -> str:
    part = letter.mail.get_body(("html",))
    return str(part.get_content()) if part else ""


FORMATTED = (
    '<div dir="ltr"><div>#hold parts</div><div><br></div><div>It is <b>very</b> late, see <a '
    'href="https://shop.example/belt">the belt</a> or <a href="mailto:anna@staff.example">write</a>:</div>'
    '<ul><li>one</li><li>two</li></ul><img src="cid:belt@gmail" alt="belt.png"></div><br>'
    '<div class="gmail_quote"><div class="gmail_attr">On Monday, Support wrote:</div>'
    "<blockquote>##- x -##</blockquote></div>"
)
AS_TEXT = """\
#hold parts

It is *very* late, see the belt <https://shop.example/belt> or write <anna@staff.example>:

   - one
   - two

[image: belt.png]

On Mon, Mar 2, 2026 at 9:00 AM Support <support@example.com> wrote:

> ##- x -##
"""


def with_picture(letter: Posted, html: str) -> bytes:
    """A reply from Gmail with a picture in the text."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = f"Anna <{ANNA}>", letter.mail["Reply-To"], "Re: Broken"
    mail["Message-ID"], mail["In-Reply-To"] = "<picture@mail.gmail.com>", str(letter.mail["Message-ID"])
    mail.set_content(AS_TEXT)
    mail.add_alternative(html, subtype="html")
    shown = mail.get_body(("html",))
    assert isinstance(shown, EmailMessage)
    shown.add_related(b"\x89PNG\r\n\x1a\n", "image", "png", cid="<belt@gmail>", filename="belt.png")
    return mail.as_bytes()


def test_bold_lists_links_and_pictures_reach_the_customer(talk: Conversation) -> None:
    talk.receive(new_mail("The belt is torn."))
    talk.receive(with_picture(talk.letters(ANNA)[-1], FORMATTED))
    answer = talk.letters(KIM)[-1]
    html = html_of(answer)
    for shown in ("<b>very</b>", 'href="https://shop.example/belt"', "<li>one</li>", "cid:belt@gmail"):
        assert shown in html
    assert [part.get_filename() for part in answer.mail.walk() if part.get_content_type() == "image/png"] == [
        "belt.png"
    ]
    assert ANNA not in answer.everything
    assert "#hold" not in answer.everything


def test_html_that_cannot_be_told_from_the_quote_is_not_sent(talk: Conversation) -> None:
    talk.receive(new_mail("The belt is torn."))
    unmarked = FORMATTED.replace("gmail_quote", "unknown").replace("gmail_attr", "unknown")
    talk.receive(with_picture(talk.letters(ANNA)[-1], unmarked))
    answer = talk.letters(KIM)[-1]
    assert "It is *very* late" in answer.text
    assert "<b>very</b>" not in html_of(answer)
    assert "#hold" not in answer.everything


def test_what_runs_or_hides_in_an_agents_html_is_left_out(talk: Conversation) -> None:
    talk.receive(new_mail("The belt is torn."))
    html = FORMATTED.replace("<ul>", '<script>alert(1)</script><p hidden>Sesame</p><ul onclick="x()">')
    talk.receive(with_picture(talk.letters(ANNA)[-1], html))
    answer = talk.letters(KIM)[-1]
    assert "<b>very</b>" in html_of(answer)
    assert all(word not in answer.everything for word in ("alert", "Sesame", "onclick"))
