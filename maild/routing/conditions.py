"""Makes a check of the conditions of a rule, field by field in the order of `When`; replies come first."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from maild.routing.checks import (
    All,
    AnyOf,
    Check,
    Domain,
    Finds,
    ForReplies,
    Is,
    Like,
    Not,
    OneOf,
    Reaches,
)
from maild.routing.found import Wanted
from maild.routing.rules import When
from maild.routing.trial import Trial


def check_of(when: When) -> Check:
    """What has to hold, made ready for many mails."""
    checks = tuple(_checks(when))
    return checks[0] if len(checks) == 1 else All(checks)


def within(when: When) -> Iterator[When]:
    """A condition and all that are nested in it."""
    yield when
    for inner in (*when.all, *when.any, *when.none):
        yield from within(inner)


def asks_for_reply(when: When) -> bool:
    """Whether anything in it says what is to hold for replies; a rule without is for new tickets alone."""
    return any(each.reply is not None for each in within(when))


def wanted_by(when: When) -> Wanted:
    """The keywords and regular expressions in it."""
    words: set[str] = set()
    patterns: set[str] = set()
    for each in within(when):
        words.update(each.subject, each.text, each.words, each.score.words if each.score else ())
        patterns.update(each.subject_regex, each.text_regex, each.regex)
    return Wanted(frozenset(words), frozenset(patterns))


def _checks(when: When) -> Iterator[Check]:
    if when.reply is not None:
        yield ForReplies(when.reply)
    yield from _of_people(when)
    yield from _of_words(when)
    yield from _of_files(when)
    yield from _of_state(when)
    yield from _of_references(when)
    for calendar in when.during[:1]:
        yield _Open(calendar) if len(when.during) == 1 else AnyOf(tuple(_Open(each) for each in when.during))
    for calendar in when.outside:
        yield Not(_Open(calendar))
    if when.from_agent is not None:
        yield Is(when.from_agent, lambda trial: trial.facts.from_agent, "from an agent", "not from an agent")
    yield from (check_of(inner) for inner in when.all)
    if when.any:
        yield AnyOf(tuple(check_of(inner) for inner in when.any))
    yield from (Not(check_of(inner)) for inner in when.none)


def _of_people(when: When) -> Iterator[Check]:
    if when.recipient:
        yield Like("recipient", when.recipient, lambda trial: trial.recipients)
    if when.sender:
        yield Like("sender", when.sender, lambda trial: (trial.facts.sender,))
    if when.domain:
        yield Domain(when.domain)
    if when.customer:
        yield OneOf("customer", when.customer, lambda trial: (trial.facts.customer,))
    if when.group:
        yield OneOf("customer's group", when.group, lambda trial: trial.facts.groups)
    if when.tag:
        yield OneOf("tag", when.tag, lambda trial: (*trial.facts.tags, *trial.facts.ticket_tags, *trial.tags))
    if when.kind:
        yield OneOf("kind", when.kind, lambda trial: (trial.facts.kind,))
    if when.authenticity:
        yield OneOf("authenticity", when.authenticity, lambda trial: (trial.facts.authenticity,))
    for name, globs in when.header.items():
        yield Like(f"header {name}", globs, _header(name.lower()))


def _header(name: str) -> Callable[[Trial], tuple[str, ...]]:
    return lambda trial: tuple(value for header, value in trial.facts.headers if header == name)


def _of_words(when: When) -> Iterator[Check]:
    if when.subject:
        yield Finds("subject", when.subject, "subject", lambda trial: (trial.found.subject_words,))
    if when.text:
        yield Finds("text", when.text, "text", lambda trial: (trial.found.text_words,))
    if when.words:
        yield Finds("words", when.words, "subject or text", lambda trial: (trial.found.words,))
    if when.score:
        yield Reaches(when.score)
    if when.subject_regex:
        yield Finds("subject regex", when.subject_regex, "subject", lambda trial: (trial.found.subject_patterns,))
    if when.text_regex:
        yield Finds("text regex", when.text_regex, "text", lambda trial: (trial.found.text_patterns,))
    if when.regex:
        yield Finds(
            "regex",
            when.regex,
            "subject or text",
            lambda trial: (trial.found.subject_patterns, trial.found.text_patterns),
        )


def _of_files(when: When) -> Iterator[Check]:
    if when.attachment:
        yield Like("attachment", when.attachment, lambda trial: tuple(file.name for file in trial.facts.files))
    if when.attachment_type:
        yield Like(
            "attachment type", when.attachment_type, lambda trial: tuple(file.type for file in trial.facts.files)
        )
    if when.attachment_over is not None:
        yield _Larger(when.attachment_over)
    if when.has_attachment is not None:
        yield Is(when.has_attachment, lambda trial: bool(trial.facts.files), "it has an attachment", "no attachment")


def _of_state(when: When) -> Iterator[Check]:
    if when.language:
        yield OneOf("language", when.language, lambda trial: (trial.facts.language,))
    if when.reason:
        yield OneOf("reason", when.reason, lambda trial: (trial.reason.value,))
    if when.type:
        yield OneOf("type", when.type, lambda trial: (trial.type.value,))
    if when.case_type:
        yield OneOf("case type", when.case_type, lambda trial: (trial.case_type.value,))
    if when.priority:
        yield OneOf("priority", when.priority, lambda trial: (trial.priority.value,))
    if when.queue:
        yield OneOf("queue", when.queue, lambda trial: (trial.queue.value,))
    if when.importance:
        yield OneOf("importance", when.importance, lambda trial: (trial.importance[0],))


def _of_references(when: When) -> Iterator[Check]:
    if when.order is not None:
        yield Is(when.order, _names("order"), "it names an order", "it names no order")
    if when.serial is not None:
        yield Is(when.serial, _names("serial"), "it names a serial number", "it names no serial number")
    if when.product:
        yield Like("product", when.product, lambda trial: trial.products)


def _names(sort: str) -> Callable[[Trial], bool]:
    return lambda trial: any(reference.sort == sort for reference in trial.facts.references)


class _Open:
    """A calendar is open."""

    def __init__(self, calendar: str) -> None:
        self._calendar = calendar

    def held(self, trial: Trial) -> str:
        return f"calendar {self._calendar} is open" if trial.is_open(self._calendar) else ""

    def missed(self, trial: Trial) -> str:
        return "" if trial.is_open(self._calendar) else f"calendar {self._calendar} is closed"


class _Larger:
    """One file has more bytes."""

    def __init__(self, size: int) -> None:
        self._size = size

    def held(self, trial: Trial) -> str:
        file = next((file for file in trial.facts.files if file.size > self._size), None)
        return f"attachment {file.name} has {file.size:,} bytes" if file else ""

    def missed(self, trial: Trial) -> str:
        largest = max((file.size for file in trial.facts.files), default=0)
        if largest > self._size:
            return ""
        return f"its largest attachment has {largest:,} bytes" if largest else "it has no attachment"
