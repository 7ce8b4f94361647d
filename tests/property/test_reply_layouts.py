"""Answers composed of own words, an introduction and a quote: nothing own is lost, nothing quoted is left."""

from __future__ import annotations

import re

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from maild.mail import Mail, reply_text

NAMES = [
    "Ann Lee",
    "Jürgen Groß",
    "Łukasz",
    "Анна Ли",
    "李安",
    "안나",
    "O'Neil, Pat",
    '"Lee, Ann"',
    "ann",
    "Ann via users",
]
# {who}, {name}: with an address or without
INTRODUCTIONS = [
    "On Tue, 7 May 2024 at 10:00, {who} wrote:",
    "On Tue, May 07, 2024 at 10:00:00AM +0200, {name} wrote:",
    "On 5/7/24 10:00 AM, {name} wrote:",
    "On Tue, 7 May 2024 10:00:00 +0200\n{who} wrote:",
    "Am 07.05.24 um 10:00 schrieb {name}:",
    "Am Di., 7. Mai 2024 um 10:00 Uhr schrieb {who}:",
    "{who} schrieb am Di., 7. Mai 2024, 10:00:",
    "Le mar. 7 mai 2024 à 10:00, {who} a écrit :",
    "El mar, 7 may 2024 a las 10:00, {who} escribió:",
    "Il giorno mar 7 mag 2024 alle ore 10:00 {who} ha scritto:",
    "Em ter., 7 de mai. de 2024 às 10:00, {who} escreveu:",
    "Op di 7 mei 2024 om 10:00 schreef {who}:",
    "W dniu 7.05.2024 o 10:00, {name} pisze:",
    "Den tis 7 maj 2024 kl 10:00 skrev {who}:",
    "ti 7. toukok. 2024 klo 10.00 {who} kirjoitti:",
    "Dne 07. 05. 24 v 10:00 {name} napsal(a):",
    "2024. 05. 07. 10:00 keltezéssel, {name} írta:",
    "În mar., 7 mai 2024 la 10:00, {who} a scris:",
    "{who}, 7 May 2024 Sal, 10:00 tarihinde şunu yazdı:",
    "вт, 7 мая 2024 г. в 10:00, {who}:",
    "07.05.24 10:00, {name} пише:",
    "2024年5月7日(火) 10:00 {who}:",
    "{who} 于2024年5月7日周二 10:00写道：",
    "2024년 5월 7일 (화) 오전 10:00, {who}님이 작성:",
    "في الثلاثاء، 7 مايو 2024 في 10:00 ص تمت كتابة ما يلي بواسطة {who}:",
    "* {who} [2024-05-07 10:00]:",
    "-----Original Message-----\nFrom: {who}\nSent: Tuesday, 7 May 2024 10:00\nTo: Bob\nSubject: x\n",
    "Von: {who}\nGesendet: Dienstag, 7. Mai 2024 10:00\nAn: Bob\nBetreff: x\n",
    "差出人: {who}\n送信日時: 2024年5月7日 10:00\n宛先: Bob\n件名: x\n",
]
OWN = [
    "Yes.",
    "no",
    "It works now, thank you",
    "See https://example.com/a?b=c",
    "$ ls -l /tmp | grep x > y",
    "# make install",
    "2024-05-07 10:00:01 daemon[17]: started",
    "mysql> select 1;",
    "| a | b |",
    "+---+---+",
    "--- a/x",
    "+++ b/x",
    "@@ -1 +1 @@",
    "1. first",
    "* a point",
    "  indented code",
    "\tx = y",
    "-> there",
    "foo(bar): baz",
    "SELECT * FROM x;",
    "To be honest:",
    "Das geht so:",
    "On this I agree:",
    "From here it works",
    "at noon",
    "ann@example.com should know",
    "Am I right?",
    "Von mir aus",
    "Re: nothing",
    "name: value",
    "10:00",
    "7 May 2024",
    "I wrote:",
    "他说: 好",
    "да:",
    "Subject: of our talk",
    "...",
    "[1] https://example.com",
    "=====",
    "C:\\> dir",
    "<a>b</a>",
    "Date: tomorrow",
    "in 2024 he wrote to me",
]
QUOTED = [
    "Does that work?",
    "",
    "I wrote it on 3 May 2024:",
    "From: there",
    "To: here",
    "Subject: that",
    "code > file",
    "-- ",
    "--",
    "Sent from my phone",
    "____________________",
    "> deeper",
    "> > and deeper",
    "On 6 May 2024, Bob <bob@example.com> wrote:",
    "-----Original Message-----",
    "Regards, Carl",
    "| x |",
    "one line that is as long as lines of mail programs can be, or so",
]

own_blocks = st.lists(st.sampled_from(OWN), max_size=4).map(lambda lines: [*lines, "So be it."])
quotes = st.lists(st.sampled_from(QUOTED), min_size=1, max_size=5).filter(any)


@st.composite
def introductions(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(NAMES))
    who = draw(st.sampled_from([f"{name} <ann@example.com>", f"{name} <\nann@example.com>"]))
    text = draw(st.sampled_from(INTRODUCTIONS)).format(who=who, name=name)
    return text.replace("<\n", "<") if "\n" in text.replace("<\n", "<") else text


def marked(lines: list[str], number: int) -> list[str]:
    """The lines of a quote, each with a word that tells it apart."""
    return [f"> {line} q{number}q" if line and line not in ("-- ", "--") else f"> {line}".rstrip() for line in lines]


@settings(max_examples=400)
@given(
    layout=st.sampled_from(["top", "bare", "bottom", "between"]),
    introduction=introductions(),
    blocks=st.lists(own_blocks, min_size=2, max_size=4),
    quoted=st.lists(quotes, min_size=3, max_size=3),
    space=st.booleans(),
    signature=st.booleans(),
)
def test_composed(
    layout: str, introduction: str, blocks: list[list[str]], quoted: list[list[str]], space: bool, signature: bool
) -> None:
    gap = [""] if space else []
    first = ["Hello,", ""]
    if layout == "top":
        lines = [*first, *blocks[0], "", *introduction.split("\n"), *gap, *marked(quoted[0], 0)]
        own = [*first, *blocks[0]]
    elif layout == "bare":
        assume("@" in introduction and not introduction.startswith("*"))
        below = [line[2:] for line in marked(quoted[0], 0)]
        lines = [*first, *blocks[0], "", *introduction.split("\n"), *gap, "Hello q0q", *below]
        own = [*first, *blocks[0]]
    elif layout == "bottom":
        lines = [*introduction.split("\n"), *gap, *marked(quoted[0], 0), "", *blocks[0]]
        own = blocks[0]
    else:
        lines = [*first, *introduction.split("\n")]
        own = list(first)
        for number, (block, quote) in enumerate(zip(blocks, quoted, strict=False)):
            lines += [*gap, *marked(quote, number), *gap, *block]
            own += block
    if signature:
        lines += ["", "-- ", "Bob", "Example Ltd"]
    mail = Mail(text="\n".join(lines), subject="Re: x", in_reply_to=("1@example.com",))
    reply = reply_text(mail)
    shown = [line.strip() for line in reply.text.split("\n") if line.strip()]
    assert shown == [line.strip() for line in own if line.strip()]
    assert not re.search(r"q\dq", reply.text)
