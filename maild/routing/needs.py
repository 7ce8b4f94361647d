"""What a rule needs to be able to hit: of a set of signals one must be there. So most rules are never tried.

A signal is something of a mail that is known before any rule is tried: a keyword that was found, the sender's
domain. Values that rules can change (queue, tags, reason) are no signals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from maild.routing.checks import bare_domain
from maild.routing.globs import compared
from maild.routing.rules import When
from maild.routing.trial import Trial

Signal = tuple[str, str]  # sort, value


def needs(when: When) -> frozenset[Signal] | None:
    """Signals of which a mail must have one for this to hold; None when it may hold without any.

    An empty set: it can never hold.
    """
    return next((frozenset(signals) for signals in _alternatives(when) if signals is not None), None)


def signals_of(trial: Trial) -> Iterator[Signal]:
    """All that a mail has."""
    facts, found = trial.facts, trial.found
    sender = compared(facts.sender)
    yield "sender", sender
    if "@" in sender:
        yield "host", sender.rpartition("@")[2]
    if trial.host:
        labels = trial.host.split(".")
        for at in range(len(labels)):
            yield "domain", ".".join(labels[at:])
    yield "customer", facts.customer.lower()
    for word in found.words:
        yield "word", word
    for pattern in found.subject_patterns | found.text_patterns:
        yield "regex", pattern
    for group in facts.groups:
        yield "group", group.lower()
    for recipient in trial.recipients:
        yield "recipient", compared(recipient)
    for name in {name for name, _ in facts.headers}:
        yield "header", name
    for sort in {reference.sort for reference in facts.references}:
        yield "reference", sort
    if facts.files:
        yield "file", ""
    yield "language", facts.language.lower()
    yield "kind", facts.kind.lower()


def _alternatives(when: When) -> Iterator[Iterable[Signal] | None]:
    """Each is enough of a need; those that fit the fewest mails come first."""
    yield _each(when.sender, _sender)
    yield _each(when.domain, lambda domain: ("domain", bare_domain(domain)))
    yield _each(when.customer, _lower("customer"))
    for words in (when.subject, when.text, when.words):
        yield _each(words, lambda word: ("word", word))
    for patterns in (when.subject_regex, when.text_regex, when.regex):
        yield _each(patterns, lambda pattern: ("regex", pattern))
    if when.score and when.score.at_least > 0:
        yield [("word", word) for word, weight in when.score.words.items() if weight > 0]
    yield _each(when.group, _lower("group"))
    yield _each(when.recipient, lambda glob: ("recipient", compared(glob)) if _is_plain(glob) else None)
    yield _each(tuple(when.header)[:1], _lower("header"))
    for inner in when.all:
        yield needs(inner)
    if when.any:
        each = [needs(inner) for inner in when.any]
        yield None if None in each else [signal for one in each for signal in one or ()]
    yield [("reference", "order")] if when.order else None
    yield [("reference", "serial")] if when.serial else None
    of_a_file = when.attachment or when.attachment_type or when.attachment_over is not None or when.has_attachment
    yield [("file", "")] if of_a_file else None
    yield _each(when.language, _lower("language"))
    yield _each(when.kind, _lower("kind"))


def _each(values: Sequence[str], signal: Callable[[str], Signal | None]) -> list[Signal] | None:
    """The signals of a field's values; None when nothing is asked, or one of them has no signal."""
    signals = [signal(value) for value in values]
    return None if not signals or None in signals else [one for one in signals if one]


def _lower(sort: str) -> Callable[[str], Signal]:
    return lambda value: (sort, value.lower())


def _is_plain(glob: str) -> bool:
    return "*" not in glob and "?" not in glob


def _sender(glob: str) -> Signal | None:
    """Of an address without wildcards, or of everybody at one host."""
    if _is_plain(glob):
        return "sender", compared(glob)
    local, _, host = glob.rpartition("@")
    return ("host", compared(host)) if local == "*" and host and _is_plain(host) else None
