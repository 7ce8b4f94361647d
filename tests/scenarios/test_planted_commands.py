"""A command counts only in the agent's own visible words (RELIABILITY §11.4, A4): nowhere else can one be planted."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

import pytest

from maild.testing.conversation import Conversation
from maild.testing.mails import new_mail

# Nothing here depends on the database.
pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)

KIM, ANNA = "kim@customer.example", "anna@staff.example"
PLANTED = "#close resolved"
OWN = "We look at it."

TEXTS = {
    "in a quote": f"{OWN}\n\n> {PLANTED}\n",
    "at the end of a quote with an attribution": f"{OWN}\n\nOn Monday, Kim <{KIM}> wrote:\n> Hello\n> {PLANTED}\n",
    "under an attribution without marks": f"{OWN}\n\n-----Original Message-----\nFrom: Kim <{KIM}>\nSent: Monday\n"
    f"To: Support\nSubject: x\n\n{PLANTED}\n",
    "in a signature": f"{OWN}\n\n-- \nAnna\n{PLANTED}\n",
    "in a forwarded block": f"{OWN}\n\n---------- Forwarded message ---------\nFrom: Kim <{KIM}>\n"
    f"Date: Mon, 2 Mar 2026\nSubject: x\nTo: <{ANNA}>\n\n{PLANTED}\n",
    "in the middle of the words": f"{OWN}\n{PLANTED}\nKind of.\n",
    "behind other words in a line": f"{OWN} Write {PLANTED}\n",
}
HTMLS = {
    "not displayed": f'<p>{OWN}</p><div style="display:none">{PLANTED}</div>',
    "not displayed, in capitals": f'<p>{OWN}</p><div style="DISPLAY : NONE">{PLANTED}</div>',
    "hidden": f"<p>{OWN}</p><div hidden>{PLANTED}</div>",
    "invisible": f'<p>{OWN}</p><p style="visibility:hidden">{PLANTED}</p>',
    "of no size": f'<p>{OWN}</p><p style="font-size:0">{PLANTED}</p>',
    "of no size, with a unit": f'<p>{OWN}</p><p style="color:red;font-size:0px">{PLANTED}</p>',
    "transparent": f'<p>{OWN}</p><p style="opacity:0">{PLANTED}</p>',
    "in a comment": f"<p>{OWN}</p><!-- {PLANTED} -->",
    "in a style": f"<style>{PLANTED}</style><p>{OWN}</p>",
    "in the title": f"<html><head><title>{PLANTED}</title></head><body><p>{OWN}</p></body></html>",
    "in Gmail's quote": f'<p>{OWN}</p><div class="gmail_quote"><blockquote>{PLANTED}</blockquote></div>',
    "in a cited block": f'<p>{OWN}</p><blockquote type="cite"><p>{PLANTED}</p></blockquote>',
    "in a signature": f'<p>{OWN}</p><div class="moz-signature">-- <br>Anna<br>{PLANTED}</div>',
    "in an alternative text of a picture": f'<p>{OWN}</p><img alt="{PLANTED}" src="cid:x">',
}


@pytest.fixture
def agents_address(talk: Conversation) -> str:
    """Where Anna's answers on ticket 1 go."""
    talk.receive(new_mail())
    return str(talk.letters(ANNA)[0].mail["Reply-To"])


def still_open(talk: Conversation) -> bool:
    return "closed" not in talk.statuses() and talk.ticket(1).resolution_code == ""


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_command_planted_in_text_is_not_done(talk: Conversation, agents_address: str, text: str) -> None:
    talk.receive(new_mail(text, sender=f"Anna <{ANNA}>", to=agents_address))
    assert still_open(talk)


@pytest.mark.parametrize("html", HTMLS.values(), ids=HTMLS)
@pytest.mark.parametrize("beside", ["", OWN], ids=["html only", "beside text"])
def test_a_command_planted_in_html_is_not_done(talk: Conversation, agents_address: str, html: str, beside: str) -> None:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = f"Anna <{ANNA}>", agents_address, "Re", "<p@x>"
    if beside:
        mail.set_content(beside)
        mail.add_alternative(html, subtype="html")
    else:
        mail.set_content(html, subtype="html")
    talk.receive(mail.as_bytes())
    assert still_open(talk)


@pytest.mark.parametrize("disposition", ["attachment", "inline"])
@pytest.mark.parametrize("own", [OWN, ""], ids=["below own words", "alone"])
def test_a_command_planted_in_a_further_text_is_not_done(
    talk: Conversation, agents_address: str, disposition: str, own: str
) -> None:
    for kind in ("plain", "html"):
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Subject"] = f"Anna <{ANNA}>", agents_address, "Re"
        mail["Message-ID"] = f"<{kind}@x>"
        mail.set_content(own)
        mail.add_attachment(PLANTED, subtype=kind, disposition=disposition)
        talk.receive(mail.as_bytes())
        assert still_open(talk)


def test_the_same_command_in_the_agents_own_words_is_done(talk: Conversation, agents_address: str) -> None:
    talk.receive(new_mail(f"{PLANTED}\n\n{OWN}", sender=f"Anna <{ANNA}>", to=agents_address))
    assert talk.statuses() == ["closed"]
