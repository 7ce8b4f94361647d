"""Everything that is read out of people's own words: commands, requests, ratings, and what rules look for."""

from __future__ import annotations

import re

from fuzz.of_mail import strings
from fuzz.seeds import texts
from fuzz.target import Target, hold, one_line, storable, words_of
from maild.mail.asked_lists import Asked, read_asked
from maild.mail.customer_asks import read_customer_ask
from maild.mail.gratitude import is_mere_thanks
from maild.mail.own_line import own_line, says_nothing
from maild.mail.ratings import LONGEST_COMMENT, rating_of
from maild.mail.verdicts import verdict_of
from maild.routing.built_in import built_in_catalogue
from maild.routing.keywords import KeywordIndex, check_keyword, occurs
from maild.routing.patterns import PatternSet, check_pattern, found_all, occurs_pattern
from maild.routing.router import Router
from maild.testing.routing import facts
from maild.tickets.command_lines import plain
from maild.tickets.commands import read_order
from maild.tickets.lifecycle import Status
from maild.tickets.model import Ticket
from maild.tickets.names import Names

_WORD = re.compile(r"\w+")
_TICKET = Ticket(number=1, status=Status.OPEN, assignee="anna@staff.example")
_AGENTS = frozenset({"anna@staff.example", "ben@staff.example"})
_NAMES = Names(
    queues=("support", "sales"), teams=("first",), reasons=("defect",), agents=(("ben@staff.example", "Ben Bold"),)
)
_ROUTER = Router((), built_in_catalogue())


def check_commands(data: bytes) -> None:
    """Commands are read; none becomes words for the customer that the agent did not write, nor a second line."""
    text = words_of(data)
    # A command's own words are read without what nobody sees in them, such as a U+FEFF inside of one.
    written = {*_WORD.findall(text), *_WORD.findall(plain(text))}
    for top, bottom in ((True, True), (False, True), (True, False)):
        order = read_order(
            text, _TICKET, agent="anna@staff.example", agents=_AGENTS, names=_NAMES, top=top, bottom=bottom,
            spaced=not top,
        )  # fmt: skip
        hold(set(_WORD.findall(order.words)) <= written, "the customer gets words that nobody wrote")
        one_line("a command", order.lines)
        storable("the order", strings(order))
        known = {*_AGENTS, ""}
        given = [each.value for each in order.fields if each.name == "assignee"]
        hold(set(given) <= known, f"given to {given}, who is no agent")
        queues = [each.value for each in order.fields if each.name == "queue"]
        hold(set(queues) <= {"support", "sales"}, f"moved to {queues}, which is no queue")


def check_asks(data: bytes) -> None:
    """Requests, ratings and verdicts are read within their limits; what is one is not longer than one may be."""
    text = words_of(data)
    line = text.partition("\n")[0]
    if asked := read_customer_ask(line):
        one_line("an address", [asked.address])
        hold(not asked.address or asked.address.count("@") == 1, f"{asked.address!r} is to be added")
    if rating := rating_of(text, "Kim Kunde"):
        hold(1 <= rating.stars <= 5 and len(rating.comment) <= LONGEST_COMMENT, f"a rating of {rating.stars}")
    verdict_of(text, "Kim Kunde")
    is_mere_thanks(text, "Kim Kunde")
    own_line(text, "Kim Kunde")
    says_nothing(text, line)
    for personal in (True, False):
        found = read_asked(line, text, name="Anna", queues=("support",), tag="#", personal=personal)
        if isinstance(found, Asked):
            one_line("a list's subject", [found.line])
            hold(found.page >= 1 and found.number >= 0, f"page {found.page} of ticket {found.number}")


def check_routing(data: bytes) -> None:
    """Any keyword and any regular expression is refused, or looked for in time; and a mail is always routed."""
    text = words_of(data)
    written, _, words = text.partition("\n")
    if not check_keyword(written):
        hold(
            (written in KeywordIndex([written]).found_in(_folded(words))) == occurs(written, words),
            "an index finds another",
        )
    if not check_pattern(written):
        found = found_all(written, words)
        hold(bool(found) <= occurs_pattern(written, words), "a pattern finds what does not occur")
        hold(
            (written in PatternSet([written, "x+y"]).found_in(words)) == occurs_pattern(written, words),
            "a set finds another",
        )
    decision = _ROUTER.decide(facts(subject=written[:998], text=words))
    hold(decision.why, "it does not say why")
    storable("a decision", strings(decision))


def _folded(text: str) -> str:
    from maild.routing.folding import fold

    return fold(text)


def _lines_of_commands() -> list[bytes]:
    from maild.tickets.command_readers import HELP

    made = [
        f"#{name} {value}\nHello\n\n#{name}\n".encode()
        for name in HELP
        for value in ("", "ben", "#2", "high because x", "on_hold 2026-05-01 10:00")
    ]
    return [
        *made,
        *texts()[::8],
        b"#hold\n" * 300,
        b"#nosuch x\n" * 300,
        b"#note\n# x\n#1\n\xe2\x80\x8b#close\n**#close**\n> #close",
    ]


def _asks() -> list[bytes]:
    from maild.mail.customer_ask_words import WORDS

    ways = [way.encode() for by in WORDS.values() for each in by.values() for way in each.split("|")]
    return [
        *ways[::4], b"please add ben@x.example", b"add <mailto:ben@x.example> thanks", b"5/5 great\nKim",
        b"\xe2\x98\x85\xe2\x98\x85\xe2\x98\x85", b"\xd9\xa4", b"4 von 5 Sternen, danke", b"3-4 days",
        b"yes, thank you!\nKim", b"thanks \xf0\x9f\x91\x8d", b"my tickets (page 2 of 9)", b"#1", b"search printer",
        b"Re: Re: Fwd: queue support (page 3 of 4)", b"status?\n--\nKim",
    ]  # fmt: skip


_PATTERNS = (
    r"(a+)+$", r"(a|aa)+$", r"(.*a){20}", r"(x+x+)+y", r"\b(\w+\s?)*$", r"[a-z]{1,50}", r"(?i)(?:a?){50}a{50}",
    r"\p{L}+", r"\d{3}-\d{4}", r"^.*$", r"((((((((((a*)*)*)*)*)*)*)*)*)*", r"(a{0,100}){0,100}", r"[^\W\d_]+\b",
    r"(?P<x>a)(?P<y>b)?", "*", "a*", "*a*", "straße", "new york", "\u0645\u0631\u062d\u0628\u0627",
)  # fmt: skip


def _rules() -> list[bytes]:
    said = texts()[::6]
    return [pattern.encode() + b"\n" + said[number % len(said)] for number, pattern in enumerate(_PATTERNS * 4)] + [
        b"(a+)+$\n" + b"a" * 5000, rb"\b\w+\b" + b"\n" + b"x " * 2000, b"a?" * 40 + b"a" * 40 + b"\n" + b"a" * 40,
    ]  # fmt: skip


_COMMANDS = (
    b"\n#",
    b"#close ",
    b"#hold ",
    b"#assign ",
    b"#note ",
    b"#status ",
    b"#merge #2",
    b"#override ",
    b"because ",
    b"#tag ",
    b"anna@staff.example",
    b"\n\n",
    b"until ",
)
_REGEX = (
    rb"\b",
    rb"\w",
    rb"\W",
    rb"\s",
    rb"\d",
    b"(",
    b")",
    b"(?:",
    b"(?i)",
    b"(?<x>",
    b"[",
    b"]",
    b"[^",
    b"{1,1000}",
    b"+",
    b"*",
    b"?",
    b"|",
    b"^",
    b"$",
    rb"\pL",
    rb"\Q",
    rb"\E",
    rb"\x{10FFFF}",
    rb"\1",
    b"-",
    b"\xcc\x88",
    b"\xc3\x9f",
    b"\xc4\xb0",
)

TARGETS = (
    Target(name="commands", check=check_commands, seeds=_lines_of_commands, words=_COMMANDS, largest=256 * 1024),
    Target(
        name="asks",
        check=check_asks,
        seeds=_asks,
        words=(b"5", b"/5", b" stars", b"@x.example", b"please ", b"thanks ", b"page ", b"\xe2\x98\x85"),
    ),
    Target(
        name="routing",
        check=check_routing,
        seeds=_rules,
        words=_REGEX,
        seconds_per_mib=30.0,
        largest=64 * 1024,
        memory=80 << 20,  # one pattern may take 60 MiB
    ),
)
