"""What a mail is about: reason code, type and case type, by everything that may name one, in a fixed order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from maild.ids import split_address
from maild.routing.facts import MailFacts
from maild.routing.folding import fold
from maild.routing.found import Found
from maild.routing.keywords import KeywordIndex
from maild.routing.named import Named, quoted

# Labels of a line such as "Reason: missing part", folded (`maild.routing.folding`).
REASON_LINE = ("reason", "reason code", "grund", "motif", "raison", "motivo", "reden", "neden", "السبب", "原因")
TYPE_LINE = ("type", "ticket type", "typ", "tipo", "tur", "النوع", "类型")
CASE_TYPE_LINE = ("case type", "case", "fallart", "type de cas", "tipo de caso", "tipo di caso")
_HEAD = 16 << 10  # characters; a line that names a reason stands further up
_LABEL = 40  # characters before the colon


@dataclass(frozen=True, slots=True)
class Stated:
    """What is said outright, and a remark about a line that names nothing we know."""

    named: Named
    remark: str = ""


def spelt(value: str) -> str:
    """A code or a label as it is compared: "Missing-Part." is "missing part"."""
    return " ".join(fold(value).replace("_", " ").replace("-", " ").strip(" .;,!*").split())


def labelled_lines(text: str) -> Mapping[str, str]:
    """Folded label -> value of lines such as "Reason: missing part"; the first of each label counts."""
    lines: dict[str, str] = {}
    text = text[:_HEAD].replace("：", ":")  # full width
    end = 0
    while (at := text.find(":", end)) >= 0:
        start = text.rfind("\n", max(0, at - _LABEL), at) + 1
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        if 0 < at - start < _LABEL:
            lines.setdefault(fold(text[start:at]).strip(" *"), text[at + 1 : end].strip(" \t\r*"))
    return lines


class Names:
    """The reason codes, the types or the case types of a catalogue, made ready."""

    def __init__(
        self,
        what: str,
        lines: Sequence[str],
        header: str,
        entries: Iterable[tuple[str, Mapping[str, str], Mapping[str, tuple[str, ...]]]],
    ) -> None:
        """`what` they are called in reasons; `lines` and `header` name one; entries as (name, labels, keywords)."""
        self._what, self._lines, self._header = what, lines, header
        self._by_spelling: dict[str, str] = {}
        self._keywords: dict[str, frozenset[str]] = {}
        each = tuple(entries)
        for name, _, keywords in each:
            self._by_spelling.setdefault(spelt(name), name)
            if words := frozenset(word for of_language in keywords.values() for word in of_language):
                self._keywords[name] = words
        for name, labels, _ in each:  # a code stands above another one's label
            for label in labels.values():
                self._by_spelling.setdefault(spelt(label), name)
        self._by_spelling.pop("", None)
        self.words = frozenset[str]().union(*self._keywords.values())
        self._index = KeywordIndex(sorted(self.words))

    def stated(self, agents: str, lines: Mapping[str, str], facts: MailFacts) -> Stated:
        """By an agent's word, a line, the address or the header, the first of these that names one."""
        if agents:
            return Stated(Named(agents, "agent", "an agent said so"))
        remark = ""
        for label in self._lines:
            if label in lines and (value := lines[label][:_LABEL]):
                if name := self._by_spelling.get(spelt(lines[label]), "") or self._by_one_keyword(value):
                    return Stated(Named(name, "line", f'the line "{label}: {value}"'))
                remark = remark or f'the line "{label}: {value}" names no {self._what} that we know'
        if facts.is_reply:  # a reply comes to the ticket's own address, with the headers of its program
            return Stated(Named(), remark)
        for address in facts.own_recipients:
            for extension in split_address(address)[1].split("+"):
                if extension and (name := self._by_spelling.get(spelt(extension), "")):
                    return Stated(Named(name, "address", f"it was sent to {address}"), remark)
        for header, value in facts.headers:
            if header == self._header and (name := self._by_spelling.get(spelt(value), "")):
                return Stated(Named(name, "header", f"{header}: {value[:_LABEL]}"), remark)
        return Stated(Named(), remark)

    def _by_one_keyword(self, value: str) -> str:
        """The one that has a keyword in the value of a line, "Reason: a part is missing"; "" for none or several."""
        found = self._index.found_in(fold(value))
        names = [name for name, words in self._keywords.items() if not words.isdisjoint(found)]
        return names[0] if len(names) == 1 else ""

    def by_keywords(self, found: Found) -> Named:
        """The one with the most keywords in the mail; of equals the first of the catalogue."""
        best, hits = "", frozenset[str]()
        for name, words in self._keywords.items():
            here = words & found.words
            if len(here) > len(hits):
                best, hits = name, here
        return Named(best, "keywords", f"words {quoted(sorted(hits))}") if best else Named()
