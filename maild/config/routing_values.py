"""The small types that routing is written in: words of fixed lists, globs, keywords, patterns, one or many."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BeforeValidator

from maild.config.faults import nearest
from maild.config.languages import read_language
from maild.config.level_values import read_assignee, read_priority
from maild.config.values import read_domain
from maild.mail.authenticity import Proof
from maild.mail.model import Kind
from maild.outbound.webhook_url import webhook_fault
from maild.routing.assignment import STRATEGIES
from maild.routing.catalogue import BRANCH_MANAGER
from maild.routing.keywords import check_keyword
from maild.routing.patterns import check_pattern
from maild.tickets.priorities import ALIASES, PRIORITIES

T = TypeVar("T")
DEEPEST = 10  # tables of conditions within one another
TEMPLATES = ("acknowledgement", "missing_information", "none")
CHANGES: Mapping[str, int] = {"raise": 1, "lower": -1}  # of a priority, in steps
_SHOWN = 60  # characters of a value in a message
_NESTED = ("all", "any", "not")
_CODE = re.compile(r"[^\W_][\w.-]{0,63}")
_HEADER = re.compile(r"[!-9;-~]{1,200}")  # RFC 5322 §3.6.8


def listed(value: object) -> object:
    """A list; a single value is a list of one."""
    return value if isinstance(value, list | tuple) else [value]


def some(value: object) -> object:
    """A list that is not empty: an empty one would ask for nothing without saying so."""
    if isinstance(value, list | tuple) and not value:
        raise ValueError("the list is empty; give at least one, or leave the key out")
    return listed(value)


def word_of(sort: str, words: Iterable[str]) -> Callable[[str], str]:
    """Reads one of these words; ValueError names the nearest."""
    known = tuple(words)

    def read(value: str) -> str:
        word = value.strip().lower()
        if word in known:
            return word
        near = nearest(value, known)
        raise ValueError(f"there is no {sort} {value!r}; {f'did you mean {near}?' if near else _they_are(known)}")

    return read


def _they_are(words: Iterable[str]) -> str:
    return f"it can be {', '.join(words)}"


def read_change(value: str) -> str:
    """A priority, or "raise" or "lower"."""
    word = value.strip().lower()
    if word in CHANGES:
        return word
    if ALIASES.get(word, word) not in PRIORITIES:
        near = nearest(value, (*PRIORITIES, *ALIASES, *CHANGES))
        hint = f"did you mean {near}?" if near else _they_are((*PRIORITIES, *CHANGES))
        raise ValueError(f"there is no priority {value!r}; {hint}")
    return read_priority(word)


def read_keyword(value: str) -> str:
    """A keyword, which `maild.routing.keywords` explains."""
    return _sound(value, check_keyword(value))


def read_pattern(value: str) -> str:
    """A regular expression that takes linear time."""
    return _sound(value, check_pattern(value))


def _sound(value: str, wrong: str) -> str:
    """The value, if nothing is wrong; else ValueError names it, for there may be many in one line."""
    shown = repr(value if len(value) <= _SHOWN else f"{value[:_SHOWN]}...")
    if wrong:
        raise ValueError(wrong if wrong.startswith(shown) else f"{shown}: {wrong}")
    return value


def read_address_glob(value: str) -> str:
    """A glob that some address fits."""
    if "@" not in value and "*" not in value:
        right = f"*@{value}" if "." in value else f"{value}@*"
        raise ValueError(f"no address is {value!r}; did you mean {right}?")
    if re.search(r"[\s<>,;]", value):
        raise ValueError(f"no address is {value!r}; write it like anna@example.com or *@example.com")
    return value.lower()


def read_sender_domain(value: str) -> str:
    """The domain of a sender, a free-mail provider's too; its subdomains are meant as well."""
    return read_domain(value.removeprefix("*."))


def read_file_glob(value: str) -> str:
    """A glob over the names of files."""
    if value.startswith(".") and not re.search(r"[*?]", value):
        raise ValueError(f"a file that is called {value!r} is rare; did you mean *{value}?")
    return value


def read_type_glob(value: str) -> str:
    """A glob over types such as image/png."""
    if "/" not in value and not re.search(r"[*?]", value):
        raise ValueError(f"no type is {value!r}; did you mean */{value} or {value}/*?")
    return value.lower()


def read_header(value: str) -> str:
    """The name of a header field, in lower case."""
    name = value.rstrip(":").lower()
    if not _HEADER.fullmatch(name):
        raise ValueError(f"{value!r} is no name of a header; write it like X-Shop")
    return name


def read_code(value: str) -> str:
    """A reason code: it must fit into an address (claims+missing_part@example.com) and a line of text."""
    if not _CODE.fullmatch(value):
        right = re.sub(r"[^\w.-]+", "_", value).strip("_.-")[:64].lower()
        hint = f"did you mean {right}?" if right else "write it like missing_part"
        raise ValueError(f"{value!r} cannot be a code; {hint}")
    return value.lower()


def read_owner(value: str) -> str:
    """Who gets a ticket: an agent's address, or the manager of the team or of the branch."""
    if value.strip().lower() == BRANCH_MANAGER:
        return BRANCH_MANAGER
    if "@" not in value:
        near = nearest(value, ("manager", BRANCH_MANAGER))
        if near == BRANCH_MANAGER:
            raise ValueError(f"{value!r} is nobody; did you mean {BRANCH_MANAGER}?")
    return read_assignee(value)


def read_webhook(value: str) -> str:
    """A URL that webhooks may go to. It may hold a secret, so it is not repeated."""
    if fault := webhook_fault(value):
        raise ValueError(fault)
    return value


def nested_at_most(value: object) -> object:
    """Conditions as they are written, none nested too deep for a person, or for Python, to follow."""
    level = [value]
    for _ in range(DEEPEST + 1):
        tables = [table for table in level if isinstance(table, dict)]
        inner = [table.get(key) for table in tables for key in _NESTED]
        level = [each for one in inner for each in (one if isinstance(one, list) else [one]) if isinstance(each, dict)]
        if not level:
            return value
    raise ValueError(f"all, any and not stand within one another deeper than {DEEPEST}; make two rules of it")


def once(value: object) -> object:
    """A table whose keys are priorities, none of them under two names."""
    words = [word.lower() for word in value] if isinstance(value, dict) else []
    for word in words:
        other = ALIASES.get(word)
        if other in words:
            raise ValueError(f"{word} is another word for {other}, which is there as well; keep one of them")
    return value


def read_asked(value: dict[str, str]) -> dict[str, str]:
    """Words by language, and under `unless` what makes the question needless."""
    words = {read_language(key): text for key, text in value.items() if key != "unless"}
    if not words:
        raise ValueError('it asks for nothing; write { en = "your order number", unless = "order" }')
    return words | ({"unless": _read_known(value["unless"])} if "unless" in value else {})


_read_known = word_of("thing to look for", ("order", "serial", "attachment"))

Listed = Annotated[tuple[T, ...], BeforeValidator(listed)]
Some = Annotated[tuple[T, ...], BeforeValidator(some)]
KindOfMail = Annotated[str, AfterValidator(word_of("kind of mail", tuple(Kind)))]
ProofOfOrigin = Annotated[str, AfterValidator(word_of("authenticity", tuple(Proof)))]
Importance = Annotated[str, AfterValidator(word_of("importance", ("high", "low")))]
Level = Annotated[str, AfterValidator(word_of("level", ("high", "medium", "low")))]
Strategy = Annotated[str, AfterValidator(word_of("way to assign", STRATEGIES))]
Template = Annotated[str, AfterValidator(word_of("letter", TEMPLATES))]
Asked = Annotated[dict[str, str], AfterValidator(read_asked)]
Language = Annotated[str, AfterValidator(read_language)]
Change = Annotated[str, AfterValidator(read_change)]
Keyword = Annotated[str, AfterValidator(read_keyword)]
Pattern = Annotated[str, AfterValidator(read_pattern)]
AddressGlob = Annotated[str, AfterValidator(read_address_glob)]
SenderDomain = Annotated[str, AfterValidator(read_sender_domain)]
FileGlob = Annotated[str, AfterValidator(read_file_glob)]
TypeGlob = Annotated[str, AfterValidator(read_type_glob)]
Header = Annotated[str, AfterValidator(read_header)]
Code = Annotated[str, AfterValidator(read_code)]
Owner = Annotated[str, AfterValidator(read_owner)]
Webhook = Annotated[str, AfterValidator(read_webhook)]
