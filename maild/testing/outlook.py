"""Replies as Outlook makes them, on Windows, in a browser and on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape

from maild.testing.mails import File
from maild.testing.reply_mail import NUMBERS, Quoted, div, lines, quoted_of, reply_mail
from maild.testing.sink import Posted


def outlook_desktop(
    letter: Posted, words: str, *, sender: str = "", signature: str = "", files: Sequence[File] = ()
) -> bytes:
    """Outlook on Windows: HTML only, as Word writes it; the signature stands under the words like any other."""
    quoted = quoted_of(letter)
    typed = "\n".join(filter(None, (words, "\n" + signature if signature else "")))
    html = (
        '<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
        'xmlns:w="urn:schemas-microsoft-com:office:word"><head><meta http-equiv="Content-Type" '
        'content="text/html; charset=utf-8"><meta name="Generator" content="Microsoft Word 15 (filtered medium)">'
        "<style><!--\np.MsoNormal, li.MsoNormal {margin:0in; font-size:11.0pt;}\n--></style></head>"
        '<body lang="EN-US" link="#0563C1" vlink="#954F72" style="word-wrap:break-word"><div class="WordSection1">\r\n'
        f'{lines(typed, _word)}<p class="MsoNormal"><o:p>&nbsp;</o:p></p>\r\n<div>'
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in"><p class="MsoNormal">'
        f'{_outlook_head(quoted)}<o:p></o:p></p></div></div><p class="MsoNormal"><o:p>&nbsp;</o:p></p>{quoted.html}'
        "</div></body></html>\r\n"
    )
    return _outlook(letter, "", html, sender=sender, files=files)


def outlook_web(
    letter: Posted, words: str, *, sender: str = "", signature: str = "", files: Sequence[File] = ()
) -> bytes:
    """Outlook in a browser: text and HTML; what is quoted begins at an empty box with a name."""
    quoted = quoted_of(letter)
    typed = "\n".join(filter(None, (words, "\n" + signature if signature else "")))
    font = "font-family: Aptos, Calibri, sans-serif; font-size: 12pt; color: rgb(0, 0, 0);"
    html = (
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><style type="text/css" '
        'style="display:none;"> P {margin-top:0;margin-bottom:0;} </style></head><body dir="ltr">'
        + lines(typed, lambda line: f'<div class="elementToProof" style="{font}">{line}</div>')
        + '<div id="appendonsend"></div><hr tabindex="-1" style="display:inline-block; width:98%">'
        '<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" color="#000000" style="font-size:11pt">'
        f"{_outlook_head(quoted)}</font><div>&nbsp;</div></div><div>{quoted.html}</div></body></html>"
    )
    return _outlook(letter, _outlook_text(typed, quoted), html, sender=sender, files=files)


def outlook_phone(
    letter: Posted, words: str, *, sender: str = "", signature: str = "", files: Sequence[File] = ()
) -> bytes:
    """Outlook's app: under the words it says what it is, unless it has another signature."""
    quoted = quoted_of(letter)
    link = '<a href="https://aka.ms/o0ukef">Outlook for iOS</a>'
    signed = lines(signature, div) if signature else f'<div dir="ltr">Get {link}</div>'
    html = (
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body>'
        + lines(words, lambda line: f'<div dir="auto" style="font-family: Aptos; font-size: 12pt;">{line}</div>')
        + '<div id="ms-outlook-mobile-body-separator-line" data-applydefaultfontstyles="true"><br></div>'
        f'<div id="ms-outlook-mobile-signature" style="font-size: 12pt;">{signed}</div>'
        '<hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr">'
        f'<font face="Calibri, sans-serif" style="font-size:11pt" color="#000000">{_outlook_head(quoted)}</font>'
        f"<div>&nbsp;</div></div>{quoted.html}</body></html>"
    )
    below = signature or "Get Outlook for iOS<https://aka.ms/o0ukef>"
    return _outlook(letter, _outlook_text(f"{words}\n\n{below}", quoted), html, sender=sender, files=files)


def _outlook(letter: Posted, text: str, html: str, *, sender: str, files: Sequence[File]) -> bytes:
    number = next(NUMBERS)
    subject = str(letter.mail["Subject"])
    headers = {
        "Thread-Topic": subject,
        "Thread-Index": "AQHa" + f"{number:020d}".replace("0", "A") + "==",
        "Accept-Language": "en-US",
        "Content-Language": "en-US",
        "X-MS-Has-Attach": "yes" if files else "",
    }
    message_id = f"AS8PR01MB{number:04d}C0FFEE@AS8PR01MB{number:04d}.eurprd01.prod.exchangelabs.com"
    return reply_mail(
        letter, text, html, sender=sender, message_id=message_id, headers=headers, files=files, prefix="RE: "
    )


def _outlook_head(quoted: Quoted) -> str:
    """The block of headers, as HTML."""
    return (
        f"<b>From:</b> {escape(quoted.sender)}<br>\r\n<b>Sent:</b> {_outlook_date(quoted.at)}<br>\r\n"
        f"<b>To:</b> {escape(quoted.to)}<br>\r\n<b>Subject:</b> {escape(quoted.subject)}"
    )


def _outlook_text(words: str, quoted: Quoted) -> str:
    return (
        f"{words}\n\n{'_' * 32}\nFrom: {quoted.sender}\nSent: {_outlook_date(quoted.at)}\nTo: {quoted.to}\n"
        f"Subject: {quoted.subject}\n\n{quoted.text}\n"
    )


def _outlook_date(at: datetime) -> str:
    return f"{at:%A, %B} {at.day}, {at:%Y} {at:%I:%M} {at:%p}"


def _word(line: str) -> str:
    """A paragraph as Word writes it."""
    return f'<p class="MsoNormal">{"<o:p>&nbsp;</o:p>" if line == "<br>" else f"{line}<o:p></o:p>"}</p>\r\n'
