"""What can be told of conditions without any mail: that one can never hold, that one holds whenever another does.

Both answers are careful: "yes" is sure, "no" means that it is not seen here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace

from maild.routing.checks import bare_domain
from maild.routing.rules import When

_LISTS = (
    "recipient",
    "sender",
    "customer",
    "group",
    "kind",
    "authenticity",
    "subject",
    "text",
    "subject_regex",
    "text_regex",
    "attachment",
    "attachment_type",
    "language",
    "importance",
    "product",
    "during",
)
_BY_NOW = ("tag", "reason", "type", "case_type", "priority", "queue")  # a rule between two others may change these
_EITHER = {"words": ("subject", "text"), "regex": ("subject_regex", "text_regex")}
_FLAGS = ("has_attachment", "order", "serial", "from_agent", "reply")
_ONE_VALUE = ("customer", "kind", "authenticity", "language", "importance", "queue", "priority", "reason", "type")


def never(when: When) -> str:
    """Why this can never hold, in words; "" when it is not known that it cannot."""
    parts = tuple(_conjuncts(when))
    for part in parts:
        if part.score and sum(weight for weight in part.score.words.values() if weight > 0) < part.score.at_least:
            return f"all its keywords together do not reach {part.score.at_least}"
        if part.any and all(never(one) for one in part.any):
            return f"no alternative of `any` can hold: {never(part.any[0])}"
        for excluded in part.none:
            if covers(excluded, when, same_moment=True):
                return "what it asks for is what its `not` excludes"
    for flag in _FLAGS:
        if len({value for part in parts if (value := getattr(part, flag)) is not None}) > 1:
            return f"it asks for {flag} = true and for {flag} = false"
    if any(part.has_attachment is False for part in parts) and any(_asks_for_a_file(part) for part in parts):
        return "it asks for an attachment and for none"
    for name in _ONE_VALUE:
        wanted = [frozenset(value.lower() for value in getattr(part, name)) for part in parts if getattr(part, name)]
        if wanted and not frozenset.intersection(*wanted):
            return f"its conditions ask for {name.replace('_', ' ')} in ways that exclude each other"
    return ""


def covers(wider: When, narrower: When, *, same_moment: bool = False) -> bool:
    """Whether the wider condition surely holds whenever the narrower one does.

    `same_moment`: no rule is tried between the two, so that tags, queue and the like are the same for both.
    """
    if narrower.any:  # each alternative by itself, with all the rest
        rest = replace(narrower, any=())
        if all(covers(wider, When(all=(rest, one)), same_moment=same_moment) for one in narrower.any):
            return True
    parts = tuple(_conjuncts(narrower))
    return all(
        _field_covered(name, wider, parts, same_moment=same_moment) for name in _GIVEN_NAMES if _given(wider, name)
    )


_GIVEN_NAMES = tuple(field.name for field in fields(When))


def marks(wider: When) -> frozenset[str] | None:
    """Values of which a condition must name one to be covered by this one; None when it need not name any."""
    for part in _conjuncts(wider):
        if any(_given(part, name) for name in _BY_NOW):
            return frozenset()
        for name in (*_EITHER, *_LISTS):
            if values := getattr(part, name):
                return frozenset(value.lower() for value in values)
        if part.domain:
            return frozenset(bare_domain(value) for value in part.domain)
    return None


def named(when: When) -> frozenset[str]:
    """All the values that a condition names, a domain with those above it."""
    values: set[str] = set()
    for part in (when, *(inner for inner in (*when.all, *when.any))):
        for name in (*_EITHER, *_LISTS):
            values.update(value.lower() for value in getattr(part, name))
        for domain in part.domain:
            labels = bare_domain(domain).split(".")
            values.update(".".join(labels[at:]) for at in range(len(labels)))
        if part is not when:
            values |= named(part)
    return frozenset(values)


def _given(when: When, name: str) -> bool:
    return getattr(when, name) not in ((), None) and (name != "header" or bool(when.header))


def _conjuncts(when: When) -> Iterator[When]:
    """The parts that all have to hold."""
    yield when
    for inner in when.all:
        yield from _conjuncts(inner)


def _field_covered(name: str, wider: When, parts: Sequence[When], *, same_moment: bool) -> bool:
    """Whether one field of the wider condition follows from some part of the narrower one."""
    if name in _BY_NOW and not same_moment:
        return False
    if name in _LISTS or name in _BY_NOW:
        return any(_within(getattr(part, name), getattr(wider, name)) for part in parts)
    if name in _EITHER:
        names = (name, *_EITHER[name])
        return any(_within(getattr(part, each), getattr(wider, name)) for part in parts for each in names)
    if name == "domain":
        return any(part.domain and all(_beneath(one, wider.domain) for one in part.domain) for part in parts)
    if name == "header":
        return all(
            any(_within(part.header.get(header, ()), globs) for part in parts) for header, globs in wider.header.items()
        )
    if name == "score":
        return any(part.score == wider.score for part in parts)
    if name == "attachment_over":
        least = wider.attachment_over or 0
        return any(part.attachment_over is not None and part.attachment_over >= least for part in parts)
    if name == "has_attachment" and wider.has_attachment and any(_asks_for_a_file(part) for part in parts):
        return True
    if name in _FLAGS:
        return any(getattr(part, name) is getattr(wider, name) for part in parts)
    if name == "outside":
        return set(wider.outside) <= {calendar for part in parts for calendar in part.outside}
    return _nested_covered(name, wider, parts, same_moment=same_moment)


def _nested_covered(name: str, wider: When, parts: Sequence[When], *, same_moment: bool) -> bool:
    """The same of `all`, `any` and `none`."""
    whole = When(all=tuple(parts))
    if name == "all":
        return all(covers(inner, whole, same_moment=same_moment) for inner in wider.all)
    if name == "any":
        if any(covers(inner, whole, same_moment=same_moment) for inner in wider.any):
            return True
        return any(
            part.any
            and all(any(covers(inner, one, same_moment=same_moment) for inner in wider.any) for one in part.any)
            for part in parts
        )
    # What the wider one excludes is excluded by the narrower one as well, or by something that is wider still.
    return all(
        any(covers(out, inner, same_moment=same_moment) for part in parts for out in part.none) for inner in wider.none
    )


def _within(narrow: Sequence[str], wide: Sequence[str]) -> bool:
    return bool(narrow) and {value.lower() for value in narrow} <= {value.lower() for value in wide}


def _beneath(domain: str, wider: Sequence[str]) -> bool:
    inner = bare_domain(domain)
    return any(inner == bare_domain(one) or inner.endswith(f".{bare_domain(one)}") for one in wider)


def _asks_for_a_file(when: When) -> bool:
    return bool(when.attachment or when.attachment_type or when.attachment_over is not None)
