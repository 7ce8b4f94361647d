"""The sentences of letters, one file for each language: `letters/LANGUAGE/words.toml`, a table for each letter.

A letter's structure is one template for all languages, which says its sentences by their keys:
`{{ say("acknowledgement.received", subject=subject) }}`. A placeholder in a sentence is `{name}`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from markupsafe import Markup, escape

_PLACE = re.compile(r"\{([a-z_]+)\}")
_APART = re.compile(r"[ -]+")
_FSI, _PDI = "\u2068", "\u2069"  # first strong isolate, pop directional isolate (UAX #9)


class Words:
    """Says sentences of one language, for text or for HTML; `language` and `other` are keys with their sentences."""

    def __init__(self, language: Mapping[str, str], other: Mapping[str, str], *, html: bool) -> None:
        """`other` is asked for what the language lacks."""
        self.direction = language.get("direction") or other.get("direction", "ltr")  # ltr or rtl
        self._html = html
        sentences = {**other, **{key: sentence for key, sentence in language.items() if sentence}}
        # Cut at their placeholders once: a notification says forty of them.
        self._sentences = {key: self._cut(sentence) for key, sentence in sentences.items()}

    def __call__(self, key: str, /, **values: object) -> str:
        """A sentence with its values, each isolated; in HTML they are escaped unless they are Markup.

        Raises LookupError for a key that nobody has, or a placeholder without a value.
        """
        pieces = self._sentences[key]
        if len(pieces) == 1:
            return pieces[0]
        filled = "".join(self.isolated(values[each]) if at % 2 else each for at, each in enumerate(pieces))
        return Markup(filled) if self._html else filled  # noqa: S704 - all pieces were escaped

    def get(self, key: str, default: str = "") -> str:
        """A sentence without placeholders that may be missing."""
        pieces = self._sentences.get(key)
        if pieces:
            return pieces[0]
        return Markup(escape(default)) if self._html else default  # noqa: S704 - escaped

    def word(self, group: str, value: object) -> str:
        """The word for one of a few values ("on hold" is the key GROUP.on_hold); the value itself for a site's own."""
        return self.get(f"{group}.{_APART.sub('_', str(value)).lower()}") or self.isolated(value)

    def isolated(self, value: object) -> str:
        """A value, kept from turning the words around it where the two may be written in different directions.

        Markup, for HTML, stays as it is; what is no Markup is escaped there.
        """
        if self._html and isinstance(value, Markup):
            return value
        text = str(value)
        if not text:
            return text
        differs = self.direction == "rtl" or turns(text)
        if self._html:
            return Markup(f"<bdi>{escape(text)}</bdi>") if differs else escape(text)  # noqa: S704 - escaped
        return "\n".join(f"{_FSI}{line}{_PDI}" if line else line for line in text.split("\n")) if differs else text

    def _cut(self, sentence: str) -> tuple[str, ...]:
        """A sentence and its placeholders in turns."""
        pieces = _PLACE.split(sentence)
        return tuple(Markup(escape(piece)) for piece in pieces) if self._html else tuple(pieces)  # noqa: S704 - escaped


def turns(text: str) -> bool:
    """Whether a text has letters that are written from right to left."""
    return not text.isascii() and any(unicodedata.bidirectional(character) in ("R", "AL") for character in text)


def flat(tables: Mapping[str, object], before: str = "") -> dict[str, str]:
    """The sentences of a words file by dotted keys. Raises ValueError for what is no text."""
    found: dict[str, str] = {}
    for key, value in tables.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{before}{key}.")
        elif isinstance(value, str):
            found[f"{before}{key}"] = value
        else:
            raise ValueError(f"{before}{key} must be a text")  # noqa: TRY004  # of what was read, not of a caller
    return found
