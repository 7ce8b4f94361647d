"""All targets."""

from __future__ import annotations

from fuzz import of_formats, of_imap, of_mail, of_smtp, of_words
from fuzz.target import Target

TARGETS: dict[str, Target] = {
    target.name: target for room in (of_mail, of_words, of_formats, of_smtp, of_imap) for target in room.TARGETS
}
