"""Collects what is wrong with a mail while it is read."""

from __future__ import annotations

from dataclasses import dataclass, field

COUNT_LIMIT = 20


@dataclass(slots=True)
class Findings:
    """Sentences for people; the first limit that was broken is kept apart, for it sends a mail to quarantine."""

    defects: dict[str, None] = field(default_factory=dict)  # each sentence once, in order
    over_limit: str = ""

    def note(self, sentence: str) -> None:
        """Something is not as it should be, and was read all the same."""
        if len(self.defects) < COUNT_LIMIT:
            self.defects[sentence] = None

    def limit(self, sentence: str) -> None:
        """A limit of MAIL.md §7 is broken, and what lies beyond it was not read."""
        self.over_limit = self.over_limit or sentence
        self.note(sentence)
