"""Letters of one shape: filled once with places in place of what differs, then only put together.

Two acknowledgements in one language differ in a few words, and the notifications of one mail in nothing but the
signatures of their links. Filling a template takes 0.3 to 1.3 ms, putting a letter together a tenth of that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from markupsafe import escape

from maild.app.ports import Rendered
from maild.templates.facts import one_line
from maild.templates.words import turns

# Facts that a letter says as they are, and of which it asks nothing but whether they are empty. A test fills each
# letter both ways.
_RECEIVED = "subject_with_tag number tag opened greeting_name subject response_due order marker mark follow_up_of"
_SAID: Mapping[str, Sequence[str]] = dict.fromkeys(("acknowledgement", "missing_information"), _RECEIVED.split())
_OF_AGENTS = ("notification", "assignment")
_LINKS = ("links", "list_links")  # in them
_SIGNATURE = re.compile(r"[a-z2-7]{16}(?=@)")  # of an address that was made for one agent
_PLACE = re.compile("\x02([^\x03]+)\x03")  # no fact has these characters
_MOST = 100  # shapes of a letter that are kept

_Values = Mapping[str, object]


class Shapes:
    """Fills letters by their shapes, where they have any. Thread-safe."""

    def __init__(self, fill: Callable[[str, _Values], Rendered]) -> None:
        """`fill` fills the letter of a name, from its templates."""
        self._fill = fill
        self._kept: dict[str, dict[str, _Shape]] = {}

    def filled(self, name: str, values: _Values) -> Rendered:
        """A letter, the same as `fill` makes."""
        placed, said = _placed(name, values)
        if not said:
            return self._fill(name, values)
        kept, key = self._kept.setdefault(name, {}), repr(placed)
        shape = kept.get(key)
        if shape is None:
            if len(kept) >= (_MOST if name in _SAID else 1):  # notifications of another mail never come again
                kept.clear()
            shape = kept[key] = _cut(self._fill(name, placed))
        return shape.with_words(said)


@dataclass(frozen=True, slots=True)
class _Shape:
    """The parts of a letter, cut at their places: each odd piece names what stands there."""

    subject: Sequence[str]
    text: Sequence[str]
    html: Sequence[str]

    def with_words(self, said: Mapping[str, str]) -> Rendered:
        safe = {name: str(escape(words)) for name, words in said.items()}
        return Rendered(
            subject=_joined(self.subject, said), text=_joined(self.text, said), html=_joined(self.html, safe)
        )


def _cut(letter: Rendered) -> _Shape:
    return _Shape(*(_PLACE.split(part) for part in (letter.subject, letter.text, letter.html)))


def _joined(pieces: Sequence[str], said: Mapping[str, str]) -> str:
    return "".join([said[piece] if at % 2 else piece for at, piece in enumerate(pieces)])


def _placed(name: str, values: _Values) -> tuple[_Values, Mapping[str, str]]:
    """The values with places in them, and what belongs there: nothing for a letter that is filled each time."""
    if name in _SAID:
        return _with_places(values, {fact: str(values[fact]) for fact in _SAID[name] if values[fact]})
    if name in _OF_AGENTS:
        return _without_signatures(values)
    return values, {}


def _with_places(values: _Values, said: Mapping[str, str]) -> tuple[_Values, Mapping[str, str]]:
    if values["attachments"] or values.get("summary"):  # hardly two are of one shape
        return values, {}
    # What may turn the words around it is isolated, and a blank may be joined with its neighbours.
    if values["direction"] == "rtl" or any(turns(words) or one_line(words) != words for words in said.values()):
        return values, {}
    return {**values, **{fact: _place(fact) for fact in said}}, said


def _without_signatures(values: _Values) -> tuple[_Values, Mapping[str, str]]:
    said: dict[str, str] = {}

    def hide(found: re.Match[str]) -> str:
        # The same signature in several links has one place.
        name = next((name for name, signature in said.items() if signature == found[0]), f"signature {len(said)}")
        said[name] = found[0]
        return _place(name)

    links = {
        fact: [
            {**link, "href": _SIGNATURE.sub(hide, link["href"])}
            for link in cast("Sequence[Mapping[str, str]]", values[fact])
        ]
        for fact in _LINKS
    }
    return {**values, **links}, said


def _place(name: str) -> str:
    return f"\x02{name}\x03"
