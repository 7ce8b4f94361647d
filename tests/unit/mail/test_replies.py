"""A mail's own words, apart from what it quotes."""

from __future__ import annotations

import pytest

from maild.mail import Mail, read_mail, reply_text
from maild.mail.own_marker import holds_marker

QUOTE = "> How are you?\n> Ann"

# Each is written below "Fine, thanks." and followed by a quote.
ATTRIBUTIONS = [
    "On Tue, 7 May 2024 at 10:00, Ann Lee <ann@example.com> wrote:",
    "On Tue, 7 May 2024 at 10:00, Ann Lee <\nann@example.com> wrote:",
    "On Tue, 7 May 2024 at 10:00, Ann Lee <ann@example.com>\nwrote:",
    "On 07/05/2024 10:00, Ann Lee wrote:",
    "On May 7, 2024, at 10:00 AM, Ann Lee\n<ann@example.com> wrote:",
    "---- On Tue, 07 May 2024 10:00:00 +0200 Ann Lee <ann@example.com> wrote ----",
    "Am 07.05.2024 um 10:00 schrieb Ann Lee:",
    "Am Di., 7. Mai 2024 um 10:00 Uhr schrieb Ann Lee <ann@example.com>:",
    "Ann Lee <ann@example.com> schrieb am Di., 7.\nMai 2024, 10:00:",
    "Le mar. 7 mai 2024 à 10:00, Ann Lee <ann@example.com> a écrit :",
    "El mar, 7 may 2024 a las 10:00, Ann Lee (<ann@example.com>) escribió:",
    "Il giorno mar 7 mag 2024 alle ore 10:00 Ann Lee <ann@example.com> ha scritto:",
    "Em ter., 7 de mai. de 2024 às 10:00, Ann Lee <ann@example.com> escreveu:",
    "Op di 7 mei 2024 om 10:00 schreef Ann Lee <ann@example.com>:",
    "W dniu wt., 7.05.2024 o 10:00 Ann Lee <ann@example.com> napisał(a):",
    "Den tis 7 maj 2024 10:00Ann Lee <ann@example.com> skrev:",
    "Den tir. 7. maj 2024 kl. 10.00 skrev Ann Lee <ann@example.com>:",
    "ti 7. toukok. 2024 klo 10.00 Ann Lee (ann@example.com) kirjoitti:",
    "út 7. 5. 2024 v 10:00 odesílatel Ann Lee <ann@example.com> napsal:",
    "Ann Lee <ann@example.com> ezt írta (időpont: 2024. máj. 7., K, 10:00):",
    "mar., 7 mai 2024, 10:00 Ann Lee <ann@example.com> a scris:",
    "Ann Lee <ann@example.com>, 7 May 2024 Sal, 10:00 tarihinde şunu yazdı:",
    "вт, 7 мая 2024 г. в 10:00, Ann Lee <ann@example.com>:",
    "7 мая 2024 г., 10:00, Ann Lee <ann@example.com> написал:",
    "вт, 7 трав. 2024 р. о 10:00 Ann Lee <ann@example.com> пише:",
    "2024年5月7日(火) 10:00 Ann Lee <ann@example.com>:",
    "Ann Lee <ann@example.com> 于2024年5月7日周二 10:00写道：",
    "2024년 5월 7일 (화) 오전 10:00, Ann Lee <ann@example.com>님이 작성:",
    "في الثلاثاء، 7 مايو 2024 في 10:00 ص تمت كتابة ما يلي بواسطة Ann Lee <ann@example.com>:",
    "2024-05-07 10:00 GMT+02:00 Ann Lee <ann@example.com>:",
]


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
@pytest.mark.parametrize("quote", [QUOTE, "How are you?\nAnn"], ids=["marked", "bare"])
def test_attributions_of_many_languages(attribution: str, quote: str) -> None:
    reply = reply_text(Mail(text=f"Fine, thanks.\n\n{attribution}\n\n{quote}\n"))
    assert reply.text == "Fine, thanks."
    assert "How are you?" in reply.cut


HEADER_BLOCKS = [
    "From: Ann Lee <ann@example.com>\nSent: Tuesday, 7 May 2024 10:00\nTo: Bob\nSubject: Hello",
    "*From:* Ann Lee\n*Date:* Tuesday\n*To:* Bob\n*Subject:* Hello",
    "________________________________\nFrom: Ann Lee\nSent: Tuesday\nSubject: Hello",
    "Von: Ann Lee\nGesendet: Dienstag, 7. Mai 2024 10:00\nAn: Bob\nBetreff: Hallo",
    "De : Ann Lee\nEnvoyé : mardi 7 mai 2024 10:00\nÀ : Bob\nObjet : Bonjour",
    "De: Ann Lee\nEnviado el: martes\nPara: Bob\nAsunto: Hola",
    "Da: Ann Lee\nInviato: martedì\nA: Bob\nOggetto: Ciao",
    "De: Ann Lee\nEnviado: terça-feira\nPara: Bob\nAssunto: Oi",
    "Van: Ann Lee\nVerzonden: dinsdag\nAan: Bob\nOnderwerp: Hallo",
    "Od: Ann Lee\nWysłano: wtorek\nDo: Bob\nTemat: Cześć",
    "Från: Ann Lee\nSkickat: tisdag\nTill: Bob\nÄmne: Hej",
    "Fra: Ann Lee\nSendt: tirsdag\nTil: Bob\nEmne: Hej",
    "Lähettäjä: Ann Lee\nLähetetty: tiistai\nVastaanottaja: Bob\nAihe: Hei",
    "Od: Ann Lee\nOdesláno: úterý\nKomu: Bob\nPředmět: Ahoj",
    "Feladó: Ann Lee\nElküldve: kedd\nCímzett: Bob\nTárgy: Szia",
    "Kimden: Ann Lee\nGönderildi: Salı\nKime: Bob\nKonu: Merhaba",
    "От: Ann Lee\nОтправлено: вторник\nКому: Bob\nТема: Привет",
    "Від: Ann Lee\nНадіслано: вівторок\nКому: Bob\nТема: Привіт",
    "差出人: Ann Lee\n送信日時: 2024年5月7日\n宛先: Bob\n件名: こんにちは",
    "发件人: Ann Lee\n发送时间: 2024年5月7日\n收件人: Bob\n主题: 你好",
    "보낸 사람: Ann Lee\n보낸 날짜: 2024년 5월 7일\n받는 사람: Bob\n제목: 안녕",
    "-----Original Message-----\nFrom: Ann Lee",
    "-----Ursprüngliche Nachricht-----\nVon: Ann Lee",
    "-----Message d'origine-----\nDe : Ann Lee",
    "-------- Messaggio originale --------\nDa: Ann",
    "-----原始邮件-----\n发件人: Ann",
]


@pytest.mark.parametrize("block", HEADER_BLOCKS)
def test_header_blocks_of_many_languages(block: str) -> None:
    reply = reply_text(Mail(text=f"Fine, thanks.\n\n{block}\n\nHow are you?\n"))
    assert reply.text == "Fine, thanks."


WHOLE = [
    ("Just a question.\n\nSecond paragraph.", "nothing to cut"),
    ("Open:\nFrom: 10:00\nTo: 18:00\nCome by!", "opening hours"),
    ("In 2019 he wrote:\nBuy it.\nSo I did.", "prose with a year"),
    ("On 3 May 2024 I wrote:\nplease help", "somebody tells what was written"),
    ("My friend said this:\nall good", "prose with a colon"),
    ("> quoted by hand\n\nwhat does that mean?", "a quote that nothing introduces"),
    ("use a > b\nor\n| a | b |\n| 1 | 2 |", "a comparison and a table"),
    ("Here is the log:\n-- \nx = 1\n" + "line\n" * 40 + "end", "two dashes in the middle of a log"),
    ("The phone was sent from my office, which is closed.", "no signature"),
    ("Thanks\nSent from my desk, is much easier than my phone.", "a sentence that begins as one"),
    (">>>\n> only a quote\n", "everything would be cut"),
    ("On Tue, 7 May 2024, Ann <ann@example.com> wrote:\n> q", "everything would be cut, attribution as well"),
    ("-- \nAnn Lee", "only a signature"),
    ("See my answers inline.\n\nFrom: Ann\nSent: Tuesday\nSubject: x\n\nWhen? Tomorrow.", "answers stand in the quote"),
    ("FYI\n\n---------- Forwarded message ----------\nFrom: Ann\nDate: x\nSubject: y\n\nwords", "a forward, Gmail"),
    ("FYI\n\nBegin forwarded message:\n\nFrom: Ann\nDate: x\nSubject: y\n\nwords", "a forward, Apple"),
]


@pytest.mark.parametrize(("text", "why"), WHOLE)
def test_in_doubt_everything_is_kept(text: str, why: str) -> None:
    assert reply_text(Mail(text=text)).text.split() == text.split(), why


def test_a_forward_by_its_subject_keeps_its_text() -> None:
    text = "please see\n\nFrom: Ann\nSent: Tuesday\nTo: Bob\nSubject: x\n\nwords"
    assert reply_text(Mail(text=text, subject="WG: x")).text == text
    assert reply_text(Mail(text=text, subject="AW: x")).text == "please see"


def test_answers_between_quotes_are_kept() -> None:
    text = "Hi,\n\nOn 7 May 2024 at 10:00, Ann wrote:\n> When?\n\nTomorrow.\n\n> Where?\n\nHere.\n"
    assert reply_text(Mail(text=text)).text.split() == ["Hi,", "Tomorrow.", "Here."]


@pytest.mark.parametrize(
    "line", ["Quoting Ann Lee <ann@example.com>:", "* Ann Lee <ann@example.com> [2024-05-07 10:00]:", "Ann Lee says:"]
)
def test_rarer_words_above_a_quote(line: str) -> None:
    assert reply_text(Mail(text=f"{line}\n> When?\n\nTomorrow.")).text == "Tomorrow."


def test_in_an_answer_quotes_need_no_introduction() -> None:
    text = "> When?\n\nTomorrow.\n\n> Where?\n\nHere."
    assert reply_text(Mail(text=text, subject="Re: visit")).text.split() == ["Tomorrow.", "Here."]
    assert reply_text(Mail(text=text, in_reply_to=("x@y",))).text.split() == ["Tomorrow.", "Here."]
    assert reply_text(Mail(text=text, subject="visit")).text == text


def test_an_answer_below_the_quote_is_kept() -> None:
    text = "On 7 May 2024 at 10:00, Ann <ann@example.com> wrote:\n> When?\n\nTomorrow."
    assert reply_text(Mail(text=text)).text == "Tomorrow."


def test_a_quoted_line_that_was_wrapped_on_the_way_is_quoted() -> None:
    torn = f"> {'word ' * 14}\nmore\n> and on"
    text = f"No.\n\nOn 7 May 2024 at 10:00, Ann wrote:\n{torn}"
    assert reply_text(Mail(text=f"{text}\n{torn}\n")).text == "No."
    assert reply_text(Mail(text=text)).text.split() == ["No.", "more"]  # which may be an answer


MARKERS = [
    "##- Please type your reply above this line -##",
    "##- Bitte antworten Sie oberhalb dieser Zeile [t42.2f8a3b] -##",
    "##- Veuillez répondre au-dessus de cette ligne [t42.2f8a3b] -##",
    "##- Por favor, escriba su respuesta por encima de esta línea -##",
    "##- يرجى كتابة ردكم فوق هذا السطر [t42.2f8a3b] -##",
    "\u202b##- يرجى كتابة ردكم فوق هذا السطر -##\u202c",
    "> ##- Please type your reply above this line -##",
    "> > ##- Please type your reply above this line -##",
    "| ##- Please type your reply above this line -##",
    "DE> ##- Please type your reply above this line -##",
    "*##- Please type your reply above this line -##*",
    "  ##- Please type your reply\nabove this line -##",
    "> ##- Bitte antworten Sie\n> oberhalb dieser\n> Zeile -##",
    "On 7 May 2024, Desk <d@example.com> wrote:\n> ##- Please type your reply above this\n> line -##",
    "Desk <d@example.com> schrieb am Di., 7. Mai 2024, 10:00:\n\n##- Bitte antworten Sie oberhalb dieser Zeile -##",
]


@pytest.mark.parametrize("marker", MARKERS)
def test_our_marker_ends_the_answer(marker: str) -> None:
    reply = reply_text(Mail(text=f"Yes.\n\n{marker}\n\nTicket 42\n\nOld words"))
    assert reply.text == "Yes."
    assert "Old words" in reply.cut
    assert not holds_marker(reply.text)


@pytest.mark.parametrize("text", ["a ##- b -##", "##- a", "## a -##", "##- a\n\n-##", "-##\n##-"])
def test_what_only_resembles_our_marker(text: str) -> None:
    assert reply_text(Mail(text=f"Yes.\n\n{text}\n\nMore.")).text.split() == ["Yes.", *text.split(), "More."]
    assert not holds_marker(text)


def test_below_our_marker_is_an_answer_when_above_is_none() -> None:
    text = "On 7 May 2024 at 10:00, Desk <d@example.com> wrote:\n> ##- Please reply above -##\n> Ticket\n\nYes, please."
    assert reply_text(Mail(text=text)).text == "Yes, please."


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nAnn Lee\nExample Ltd",
        "--\nAnn Lee",
        "Sent from my iPhone",
        "Sent from my BlackBerry, please excuse any typos.",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
        "Enviado desde mi iPhone",
        "Get Outlook for iOS<https://aka.ms/x>",
        "iPhoneから送信",
        "_______________________________________________\nUsers mailing list\nhttps://lists.example.org/users",
    ],
)
def test_certain_signatures_are_cut(signature: str) -> None:
    assert reply_text(Mail(text=f"It works.\n\n{signature}\n")).text == "It works."


def test_a_name_below_a_greeting_is_kept() -> None:
    assert reply_text(Mail(text="It works.\n\nRegards,\nAnn")).text == "It works.\n\nRegards,\nAnn"


def html(body: str) -> Mail:
    return read_mail(b"Content-Type: text/html; charset=utf-8\n\n<html><body>" + body.encode() + b"</body></html>")


HTML_QUOTES = [
    (
        "<div>Yes.</div><div class='gmail_quote'><div class='gmail_attr'>On x wrote:</div>Old</div>",
        "Gmail",
    ),
    (
        "<p>Yes.</p><div id='appendonsend'></div><hr><div id='divRplyFwdMsg'>From: A</div><div>Old</div>",
        "Outlook on the web",
    ),
    ("<p>Yes.</p><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p>From: A</p></div><p>Old</p>", "Outlook"),
    ("<div>Yes.</div><blockquote type='cite'><div>On x, A wrote:</div>Old</blockquote>", "Apple Mail"),
    (
        "<p>Yes.</p><div class='moz-cite-prefix'>Am x schrieb A:</div><blockquote type='cite'>Old</blockquote>",
        "Thunderbird",
    ),
    ("<div>Yes.</div><div class='yahoo_quoted'>Old</div>", "Yahoo"),
    ("<div>Yes.</div><div class='protonmail_quote'>Old</div>", "Proton"),
    ("<div>Yes.</div><hr id='zwchr'><div><b>From: </b>A<br>Old</div>", "Zimbra"),
    ("<div>Yes.</div><div data-marker='__QUOTED_TEXT__'>From: A<br>Old</div>", "Zimbra, newer"),
    ("<p>Yes.</p><div id='ms-outlook-mobile-body-separator-line'></div><div>Old</div>", "Outlook for iOS"),
    ("<p>Yes.</p><div id='mail-editor-reference-message-container'>Old</div>", "Outlook, new"),
    ("<p>Yes.</p><div style='border-top:solid #B5C4DF 1.0pt'>Von: A</div><p>Old</p>", "Outlook 2010"),
    ("<p>Yes.</p><div name='quote'>Am x schrieb A:<br>Old</div>", "GMX"),
    ("<p>Yes.</p><div class='zmail_extra'>On x A wrote<br>Old</div>", "Zoho"),
    ("<p>Yes.</p><blockquote id='isReplyContent'>Old</blockquote>", "NetEase"),
    ("<p>Yes.</p><div class='tutanota_quote'>Old</div>", "Tuta"),
    ("<p>Yes.</p><div name='messageReplySection'>Old</div>", "Spark"),
]


@pytest.mark.parametrize(("body", "program"), HTML_QUOTES)
def test_quotes_of_known_programs_in_html(body: str, program: str) -> None:
    mail = html(body)
    assert "Old" in mail.text, program
    reply = reply_text(mail)
    assert reply.text.strip() == "Yes.", program
    assert "Old" in reply.cut, program


_ONE, _TWO = "{}Old one</blockquote><p>Yes.</p>", "{}Old two</blockquote><p>No.</p>"
HTML_BETWEEN = [
    (
        "Gmail",
        "<div class='gmail_quote'><div class='gmail_attr'>On x, A wrote:</div>",
        "<blockquote class='gmail_quote'>",
    ),
    (
        "Proton",
        "<div class='protonmail_quote'>On Tuesday, May 7th, 2024 at 10:00, A &lt;a@example.com&gt; wrote:<br>",
        "<blockquote class='protonmail_quote' type='cite'>",
    ),
    ("Thunderbird", "<div class='moz-cite-prefix'>Am x schrieb A:</div>", "<blockquote type='cite'>"),
    ("Apple", "<p>On 7 May 2024, at 10:00, A &lt;a@example.com&gt; wrote:</p>", "<blockquote type='cite'>"),
    ("K-9", "Am 7. Mai 2024 10:00:00 MESZ schrieb A &lt;a@example.com&gt;:", "<blockquote class='gmail_quote'>"),
    ("Roundcube", "<p id='reply-intro'>Am 2024-05-07 10:00, schrieb A:</p>", "<blockquote type='cite'>"),
]


@pytest.mark.parametrize(("introduction", "quote"), [each[1:] for each in HTML_BETWEEN])
def test_answers_between_quotes_in_html(introduction: str, quote: str) -> None:
    reply = reply_text(html(f"<p>Hi,</p>{introduction}{_ONE.format(quote)}{_TWO.format(quote)}"))
    assert reply.text.split() == ["Hi,", "Yes.", "No."]
    assert "Old one" in reply.cut


HTML_SIGNATURES = [
    "<div class='gmail_signature'>Ann<br>Example Ltd</div>",
    "<span class='gmail_signature_prefix'>-- </span><br><div class='gmail_signature'>Ann<br>Example Ltd</div>",
    "<div class='moz-signature'>-- <br>Ann<br>Example Ltd</div>",
    "<div class='protonmail_signature_block'>Ann<br>Example Ltd</div>",
    "<div id='ms-outlook-mobile-signature'>Get Outlook for iOS<br>Example Ltd</div>",
]


@pytest.mark.parametrize("signature", HTML_SIGNATURES)
def test_signatures_of_known_programs_in_html(signature: str) -> None:
    reply = reply_text(html(f"<div>Yes.</div>{signature}<blockquote type='cite'>Old</blockquote>"))
    assert reply.text.strip() == "Yes."
    assert "Example Ltd" in reply.cut


def test_a_long_answer_in_a_signature_is_kept() -> None:
    words = "word " * 300
    assert words.strip() in reply_text(html(f"<div>Hi</div><div class='gmail_signature'>{words}</div>")).text


def test_a_line_that_is_no_header_of_outlook_is_kept() -> None:
    body = "<p>One</p><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p>Two</p></div><p>Three</p>"
    assert reply_text(html(body)).text.split() == ["One", "Two", "Three"]


PROVED = [
    (
        "Yes, it\nworks.\n\nOld words\nand more",
        "<p>Yes, it works.</p><blockquote type=cite>Old words<br>and more</blockquote>",
    ),
    ("Yes, it works.\n\nAnn wrote\nOld", "<p>Yes, <b>it</b> works.</p><div class=gmail_quote>Ann wrote<br>Old</div>"),
    ("Old words\n\nYes, it works.\n", "<blockquote type=cite>Old words</blockquote><p>Yes, it works.</p>"),
]


@pytest.mark.parametrize(("text", "markup"), PROVED)
def test_html_proves_a_quote_that_the_text_does_not_mark(text: str, markup: str) -> None:
    reply = reply_text(Mail(text=text, html=markup, subject="Re: x"))
    assert reply.text.split() == ["Yes,", "it", "works."]
    assert "Old" in reply.cut
    assert reply_text(Mail(text=text, html=markup, subject="x")).cut == ""


@pytest.mark.parametrize(
    "markup",
    [
        "<p>Yes, it does work.</p><blockquote type=cite>Old words</blockquote>",
        "<p>Yes, it</p><blockquote type=cite>works.</blockquote>",
        "<blockquote type=cite>Yes, it works. Old words</blockquote>",
        "<p>Yes, it works. Old words</p>",
    ],
)
def test_html_that_says_something_else_proves_nothing(markup: str) -> None:
    text = "Yes, it works.\n\nOld words"
    assert reply_text(Mail(text=text, html=markup, subject="Re: x")).text == text


def test_a_plain_blockquote_in_html_is_the_writers_own() -> None:
    assert "wise words" in reply_text(html("<p>I like</p><blockquote>wise words</blockquote>")).text


def test_an_answer_below_the_quote_in_html_is_kept() -> None:
    mail = html("<blockquote type='cite'>Old</blockquote><p>New.</p>")
    assert reply_text(mail).text.strip() == "New."


def test_a_forward_in_html_keeps_its_text() -> None:
    mail = html("<p>FYI</p><div class='gmail_quote'>---------- Forwarded message ---------<br>From: A<p>Old</p></div>")
    assert "Old" in reply_text(mail).text


def test_an_attribution_among_lines_that_were_cut_at_the_end() -> None:
    """What PGP wraps around a text is cut first, and with it what introduces the second quote: no line is lost."""
    text = "\n".join(
        (
            "Ann Lee <ann@example.com> wrote:",
            "| two",
            "-----BEGIN PGP SIGNATURE-----",
            "Ann wrote:",
            "> ",
            "2016-03-03 17:21 GMT+01:00 Ann <ann@example.com>",
            "-----END PGP SIGNATURE-----",
            "$ for i in a; do",
        )
    )
    assert "$ for i in a; do" in reply_text(Mail(text=text)).text
